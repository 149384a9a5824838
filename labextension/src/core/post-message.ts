import { MAIN_THREAD } from '../protocol';
import type { MessageContext, MessageId, PostMessage, ThreadId } from '../protocol';

/** What a person says besides the words. */
export interface Saying {
  readonly threadId?: ThreadId;
  readonly context?: Partial<MessageContext>;
  readonly model?: string | null;
  /** Whether the copilot answers; by default it does. */
  readonly run?: boolean;
}

/** The command that says something; the id is the message's, and new. */
export function postMessage(message_id: MessageId, text: string, saying: Saying = {}): PostMessage {
  const { threadId = MAIN_THREAD, context = {}, model = null, run = true } = saying;
  return { type: 'post_message', message_id, thread_id: threadId, text, context, model, run };
}
