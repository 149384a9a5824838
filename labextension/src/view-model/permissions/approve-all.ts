import { openConfirmations } from '../../core/state';
import { APPROVE, type Decide, type RoomState, type You } from '../../protocol';
import { may } from './rules';

/** The approvals of all that waits in a thread, but for what people look at twice and what this person may not approve. */
export function approvable(state: RoomState, threadId: string, you: You | null): Decide[] {
  return openConfirmations(state)
    .filter(({ kind, thread_id, call_id }) => {
      const found = state.calls[call_id ?? '']?.circumstances;
      const isPlain = !found?.fetches && (found?.dangers.length ?? 0) === 0;
      return kind === 'tool_call' && thread_id === threadId && isPlain;
    })
    .map(({ confirmation_id, args_hash }) => ({
      type: 'decide' as const,
      confirmation_id,
      args_hash,
      option: APPROVE
    }))
    .filter(decide => may(state, decide, you));
}
