/** What this tab tells the others about itself: changes go out at most a few times a second, typing ends by itself. */
import type { Cancel, Environment } from './environment';
import type { ClientPresence, ThreadId } from '../protocol';

export type Presence = Required<Omit<ClientPresence, 'type'>>;

export const PRESENCE_EVERY_MS = 500;
export const TYPING_ENDS_MS = 4_000;

const NOTHING: Presence = {
  thread_id: null,
  typing: false,
  reviewing: null,
  document: null,
  focused: false
};

export class PresenceKeeper {
  private shown: Presence = NOTHING;
  private wanted: Presence = NOTHING;
  private cancelPause: Cancel | null = null;
  private cancelTyping: Cancel = () => undefined;

  constructor(
    private readonly environment: Environment,
    private readonly send: (presence: Presence) => void
  ) {}

  /** Change some of it; what stays the same is not sent. */
  set(change: Partial<Presence>): void {
    this.wanted = { ...this.wanted, ...change };
    if (this.cancelPause === null) {
      this.sendNow();
    }
  }

  /** Somebody typed just now; without another call it ends after a few seconds. */
  typing(threadId: ThreadId, isTyping: boolean): void {
    this.cancelTyping();
    this.set({ thread_id: threadId, typing: isTyping });
    if (isTyping) {
      const end = () => this.set({ typing: false });
      this.cancelTyping = this.environment.after(TYPING_ENDS_MS, end);
    }
  }

  dispose(): void {
    this.cancelTyping();
    this.cancelPause?.();
  }

  private sendNow(): void {
    if (same(this.shown, this.wanted)) {
      return;
    }
    this.shown = this.wanted;
    this.send(this.shown);
    this.cancelPause = this.environment.after(PRESENCE_EVERY_MS, () => {
      this.cancelPause = null;
      this.sendNow();
    });
  }
}

function same(a: Presence, b: Presence): boolean {
  return (Object.keys(a) as (keyof Presence)[]).every(key => a[key] === b[key]);
}
