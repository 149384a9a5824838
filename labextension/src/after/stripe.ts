import type { Cell } from '@jupyterlab/cells';
import type { TranslationBundle } from '@jupyterlab/translation';

import { cellButton } from '../notebook/own-keys';
import { type CellChange, newsOf } from '../view-model/review/changed-cells';
import { actorName, clock } from '../view-model/wording';

const CHANGED = 'jp-Copilot-changedCell';
const NOTE = 'jp-Copilot-provenance';
const PULSE = 'jp-Copilot-pulse';
const PULSE_MS = 2000;

export type News = ReturnType<typeof newsOf>;

export interface StripeActions {
  showDiff: (change: CellChange) => void;
  reviewed: (change: CellChange) => void;
}

/** Mark a cell that an agent changed: a stripe while it is news, and who did it for whom when one points at it. */
export function drawStripe(
  cell: Cell,
  change: CellChange,
  news: News,
  words: string,
  actions: StripeActions,
  trans: TranslationBundle
): void {
  const { node } = cell;
  const key = `${change.key} ${news} ${words}`;
  const there = node.querySelector<HTMLElement>(`.${NOTE}`);
  if (there?.dataset.key === key) {
    return;
  }
  const hadFocus = there?.contains(document.activeElement) ?? false;
  there?.remove();
  const note = document.createElement('div');
  note.className = `${NOTE} jp-Copilot-scope`;
  note.dataset.key = key;
  note.setAttribute('role', 'group');
  note.setAttribute('aria-label', words);
  const text = document.createElement('span');
  text.textContent = words;
  text.title = words;
  note.append(
    text,
    cellButton(trans.__('Diff'), () => actions.showDiff(change))
  );
  if (news !== null) {
    note.append(cellButton(trans.__('Reviewed'), () => actions.reviewed(change)));
  }
  node.classList.toggle(CHANGED, news !== null);
  node.dataset.copilotNews = news ?? '';
  node.append(note);
  if (hadFocus) {
    note.querySelector('button')?.focus();
  }
}

export function clearStripe({ node }: Cell): void {
  node.querySelector(`.${NOTE}`)?.remove();
  node.classList.remove(CHANGED, PULSE);
  delete node.dataset.copilotNews;
}

/** Let a cell be noticed once. */
export function pulse({ node }: Cell): void {
  node.classList.add(PULSE);
  setTimeout(() => node.classList.remove(PULSE), PULSE_MS);
}

/** “Edited by Copilot for Ada, approved by Bob, 14:02”. */
export function provenanceWords(change: CellChange, now: number, trans: TranslationBundle): string {
  const { diff, agent, askedBy, allowedBy, call, edited, wasSeen } = change;
  const name = agent.name || actorName(agent, trans);
  const who = allowedBy === null ? '' : actorName(allowedBy, trans);
  const parts = [
    diff.action === 'insert' ? trans.__('Added by %1', name) : trans.__('Edited by %1', name)
  ];
  if (askedBy !== null) {
    parts[0] = trans.__('%1 for %2', parts[0], actorName(askedBy, trans));
  }
  if (who !== '') {
    parts.push(
      !wasSeen
        ? trans.__('allowed by a rule of %1', who)
        : edited
          ? trans.__('edited and approved by %1', who)
          : trans.__('approved by %1', who)
    );
  } else {
    parts.push(trans.__('without asking'));
  }
  parts.push(clock(call.finished_at, now));
  return parts.join(', ');
}
