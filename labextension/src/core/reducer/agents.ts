/** What agents with a memory of their own say of themselves. */
import type { Folds } from './folds';
import { updateThread } from './threads';

export const agentFolds = {
  agent_session_started: (state, event, record) => {
    const { thread_id, agent_id, session_id, begun, version, mode } = event;
    const session = { session_id, begun, version, mode, at: record.at };
    const sessions = { ...state.threads[thread_id]?.sessions, [agent_id]: session };
    updateThread(state, thread_id, { sessions });
  }
} satisfies Partial<Folds>;
