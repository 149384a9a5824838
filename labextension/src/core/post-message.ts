import { MAIN_THREAD } from '../protocol';
import type { AgentId, MessageContext, MessageId, PostMessage, ThreadId } from '../protocol';

/** What a person says besides the words. */
export interface Saying {
  readonly threadId?: ThreadId;
  readonly context?: Partial<MessageContext>;
  readonly model?: string | null;
  /** Who answers; null means the server's default agent. */
  readonly agentId?: AgentId | null;
  /** Whether the copilot answers; by default it does. */
  readonly run?: boolean;
  /** Whether a run that is under way is told it with its next step; by default it waits for its turn. */
  readonly join?: boolean;
  /** The ids of people whom it names, who are told. */
  readonly mentions?: readonly string[];
}

/** The command that says something; the id is the message's, and new. */
export function postMessage(message_id: MessageId, text: string, saying: Saying = {}): PostMessage {
  const { threadId = MAIN_THREAD, context = {}, model = null, agentId = null, run = true } = saying;
  const { join = false, mentions = [] } = saying;
  const said = { type: 'post_message', message_id, thread_id: threadId, text, context } as const;
  const named = mentions.length > 0 ? { mentions } : {};
  return { ...said, model, run, agent_id: agentId, ...(join && { join }), ...named };
}
