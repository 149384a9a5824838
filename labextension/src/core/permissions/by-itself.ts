/**
 * What is decided by itself, exactly as `jupyter_copilot/core/permissions/by_itself.py` has it: the server refuses to approve
 * it together with others, and the page does not offer that. Both run the vectors in `tests/vectors/policy.json`.
 */
import { type Call, type Decide, DENY, type RoomState } from '../../protocol';
import { visibleText } from '../visible-text';

/** Why a call is approved by itself: what drawing it fetches, what its code may do, characters that hide, or that nobody found out. */
export type Why = 'fetches' | 'danger' | 'hidden' | 'unknown';

const REFUSALS: readonly string[] = [DENY, 'leave'];

/** Why this decision is not made together with others; null when it may be, as every refusal may. */
export function byItself(
  { calls, confirmations }: Pick<RoomState, 'calls' | 'confirmations'>,
  { confirmation_id, option }: Pick<Decide, 'confirmation_id' | 'option'>
): Why | null {
  const opened = confirmations[confirmation_id];
  if (opened?.status !== 'open') {
    return null;
  }
  const call = calls[opened.call_id ?? ''];
  if (call === undefined) {
    return [opened.title, opened.body].some(isHiding) ? 'hidden' : null;
  }
  return REFUSALS.includes(option) ? null : surpriseIn(call);
}

/** What in a call has to be looked at by itself before it is approved. */
export function surpriseIn(call: Call): Why | null {
  const { effect, circumstances } = call;
  if (effect !== 'read') {
    if (circumstances === null) {
      return 'unknown';
    }
    if (circumstances.fetches) {
      return 'fetches';
    }
    if (circumstances.dangers.length > 0) {
      return 'danger';
    }
  }
  return shownTexts(call).some(isHiding) ? 'hidden' : null;
}

/** All that a call writes, runs or is given, as its card shows it. */
export function shownTexts({ preview, args }: Call): string[] {
  if (preview.cells.length > 0) {
    return preview.cells.map(cell => cell.after ?? cell.before ?? '');
  }
  return [preview.code ?? JSON.stringify(args)];
}

function isHiding(text: string): boolean {
  return visibleText(text).hazards.length > 0;
}
