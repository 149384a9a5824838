import type { RoomState } from '../protocol';
import { openConfirmations } from '../core/state';

/** What became of something that a person asked for. */
export type Asked =
  | { readonly kind: 'sending' }
  | { readonly kind: 'working' | 'waiting'; readonly runId: string }
  | {
      readonly kind: 'done';
      readonly runId: string;
      /** What was said last, or why it failed. */
      readonly text: string;
      /** Whether anything was changed or run. */
      readonly changed: boolean;
    };

/** What became of a message by now, as its latest run has it. */
export function askedOf(state: RoomState | null, messageId: string): Asked {
  const message = state?.messages[messageId];
  const runId = message?.status === 'posted' ? message.run_ids.at(-1) : undefined;
  const run = runId === undefined ? undefined : state?.runs[runId];
  if (!state || runId === undefined || run === undefined) {
    return { kind: 'sending' };
  }
  if (run.status !== 'finished') {
    const waits = openConfirmations(state).some(each => each.run_id === runId);
    return { kind: waits ? 'waiting' : 'working', runId };
  }
  const said = Object.values(state.messages).flatMap(each =>
    each.status === 'complete' && each.run_id === runId && each.text !== '' ? [each] : []
  );
  const last = said.sort((a, b) => a.at - b.at).at(-1)?.text ?? '';
  return {
    kind: 'done',
    runId,
    text: run.error === null ? last : `${run.error.message} ${run.error.hint}`.trim(),
    changed: Object.values(state.calls).some(
      call =>
        call.run_id === runId &&
        call.status === 'finished' &&
        call.effect !== 'read' &&
        !call.denied &&
        !call.is_error
    )
  };
}
