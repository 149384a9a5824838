import type { Cell, ICodeCellModel } from '@jupyterlab/cells';
import type { TranslationBundle } from '@jupyterlab/translation';

import { visibleText } from '../core/visible-text';
import type { Meant } from '../model/review-drafts';
import type { Change } from '../view-model/review/changes';
import { type Hunk, hunksOf, lineCounts } from '../view-model/review/hunks';
import { isEditable } from '../view-model/review/partial';
import type { Look } from './diff-extension';

/** What is drawn of a change's sources. */
export interface DrawnSources {
  /** As they are, with the line ends of editors. */
  readonly before: string;
  readonly after: string;
  /** With everything written out that hides. */
  readonly shownBefore: string;
  readonly shownAfter: string;
  readonly look: Look;
  /** Whether there is code to show at all: a cell that moves shows its own. */
  readonly hasCode: boolean;
  /** The stretches that can be left out; none where there is only one, or where something hides. */
  readonly hunks: readonly Hunk[];
  readonly canEdit: boolean;
  /** How many of the proposed stretches were left out. */
  readonly leftOut: number;
  readonly added: number;
  readonly removed: number;
}

/** What is drawn of a change, as this person means to take it. */
export function drawnSources({ diff, call }: Change, { source }: Meant): DrawnSources {
  const before = unix(diff.before ?? '');
  const proposed = unix(diff.after ?? '');
  const after = source === null ? proposed : unix(source);
  const isWritten = diff.action === 'edit' || diff.action === 'insert';
  const shown = { before: visibleText(before), after: visibleText(after) };
  const hides = shown.before.hazards.length + shown.after.hazards.length > 0;
  const hunks = isWritten && !hides ? hunksOf(before, after) : [];
  const counts = isWritten ? lineCounts(before, after) : { added: 0, removed: 0 };
  const canEdit = isWritten && !hides && isEditable(call, diff);
  const isDeletion = diff.action === 'delete';
  return {
    before,
    after: isDeletion ? before : after,
    shownBefore: shown.before.text,
    shownAfter: isDeletion ? shown.before.text : shown.after.text,
    look: isDeletion ? 'removed' : isWritten ? 'diff' : 'plain',
    hasCode: diff.action !== 'move' && diff.action !== 'retype',
    hunks: canEdit && hunks.length > 1 ? hunks : [],
    canEdit,
    leftOut: source === null ? 0 : Math.max(0, hunksOf(before, proposed).length - hunks.length),
    added: counts.added,
    removed: isDeletion ? before.split('\n').length : counts.removed
  };
}

/** The line ends that editors have. */
export function unix(text: string): string {
  return text.replaceAll('\r\n', '\n');
}

/** The prompt beside a change. */
export function promptOf({ diff }: Change, cell: Cell, trans: TranslationBundle): string {
  if (diff.action === 'insert') {
    return trans.__('new');
  }
  return cell.model.type === 'code'
    ? `[${(cell.model as ICodeCellModel).executionCount ?? ' '}]:`
    : '';
}
