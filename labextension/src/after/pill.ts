import type { TranslationBundle } from '@jupyterlab/translation';

import { cellButton } from '../notebook/own-keys';

const PILL = 'jp-Copilot-pill';
const SHOWN_MS = 10_000;

/** Say that something changed out of sight, where scrolling there would disturb; a click goes there. */
export function showPill(
  host: HTMLElement,
  cell: HTMLElement,
  frame: HTMLElement,
  name: string,
  trans: TranslationBundle,
  go: () => void
): void {
  host.querySelector(`.${PILL}`)?.remove();
  const isAbove =
    cell.isConnected && cell.getBoundingClientRect().top < frame.getBoundingClientRect().top;
  const pill = cellButton(
    isAbove ? trans.__('↑ %1 changed', name) : trans.__('↓ %1 changed', name),
    () => {
      pill.remove();
      go();
    }
  );
  pill.className = `${PILL} jp-Copilot-scope`;
  host.append(pill);
  setTimeout(() => pill.remove(), SHOWN_MS);
}
