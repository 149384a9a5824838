/**
 * The commands that wait for their answer: sent in order, sent again after a reconnect, each settled once. The Python
 * client's queue does the same; both run the vectors in `tests/vectors/command_queue.json`.
 *
 * An entry leaves the queue when the server acknowledged or refused it. What only means "not now" keeps it here.
 */
import type { Cancel, Environment } from './environment';
import { ClientClosedError, RejectedError } from '../protocol/errors';
import { staleReason } from '../core/stale-commands';
import { KEPT_FOR_MS } from './outbox';
import type { Kept, Outbox } from './outbox';
import type { Command, CommandId, Reject, RoomState } from '../protocol';

/** A command that waits, as others may see it. */
export interface Pending {
  readonly commandId: CommandId;
  readonly command: Command;
  /** When it was made, in unix ms of this machine. */
  readonly at: number;
  /** Whether it is on its way on the present connection. */
  readonly sent: boolean;
}

export interface CommandQueueOptions {
  readonly environment: Environment;
  readonly outbox: Outbox;
  readonly newId: () => CommandId;
  /** Put the command on the wire. */
  readonly send: (commandId: CommandId, command: Command) => void;
  /** The list of pending commands is another one now. */
  readonly onChange: () => void;
  /** A command of an earlier page, for which nobody waits here, was refused. */
  readonly onRefused: (command: Command, error: RejectedError) => void;
  /** Commands cannot be kept in the store: they are lost when the tab is closed. */
  readonly onStoreError: (error: unknown) => void;
}

interface Entry {
  readonly kept: Omit<Kept, 'scope' | 'owner'>;
  readonly resolve: (seq: number) => void;
  readonly reject: (error: Error) => void;
  /** On its way on the present connection. */
  sent: boolean;
  /** Sent at some time, so that it may have taken effect. */
  tried: boolean;
}

/** How many commands may be on their way; one while there is reason to keep strictly to the order. */
const WINDOW = 8;
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 10_000;
/** These concern what this page does with its notebook: another page must not send them. */
const OF_THIS_PAGE: ReadonlySet<Command['type']> = new Set([
  'claim_call',
  'renew_claim',
  'release_claim',
  'report_output',
  'report_call'
]);

export class CommandQueue {
  private readonly entries = new Map<CommandId, Entry>();
  private user: string | null = null;
  private live = false;
  private closed = false;
  private careful = false;
  private delay = FIRST_DELAY_MS;
  private cancelDelay: Cancel | null = null;

  constructor(private readonly options: CommandQueueOptions) {}

  /** The commands without an answer, oldest first. */
  get pending(): readonly Pending[] {
    return [...this.entries.values()].map(({ kept, sent }) => ({
      commandId: kept.command_id,
      command: kept.command,
      at: kept.at,
      sent
    }));
  }

  /**
   * Send the command now, or as soon as there is a connection. Resolves with the seq of its last record once that is
   * folded; rejects with `RejectedError`, or with `ClientClosedError` when this client ends before the answer.
   */
  submit(command: Command): Promise<number> {
    return new Promise((resolve, reject) => {
      const at = this.options.environment.now();
      const kept = { command_id: this.options.newId(), command, user: this.user, at, tried: false };
      const entry = { kept, resolve, reject, sent: false, tried: false };
      this.keep(entry);
      if (this.closed) {
        reject(new ClientClosedError());
        return;
      }
      this.entries.set(kept.command_id, entry);
      this.flush();
      this.options.onChange();
    });
  }

  /** The connection is live, and this is who the server takes us for: send what waits and is not stale. */
  resume(user: string, state: () => RoomState | null): void {
    this.live = true;
    this.user = user;
    this.careful = this.entries.size > 1;
    this.dropStale(state());
    this.flush();
    this.options.onChange();
    void this.adopt(user, state);
  }

  /** The connection is gone: whatever was on its way may or may not have arrived. */
  suspend(): void {
    this.live = false;
    this.cancelDelay?.();
    this.cancelDelay = null;
    this.takeBack();
  }

  acked(commandId: CommandId, seq: number): void {
    this.delay = FIRST_DELAY_MS;
    this.end(commandId)?.resolve(seq);
    this.flush();
  }

  /** Do what `retry` says, whatever the code is. A client takes the room anew for `resync` beside that. */
  rejected(commandId: CommandId, reject: Reject): void {
    switch (reject.retry) {
      case 'after': {
        const wanted = reject.details?.retry_after_ms;
        return this.postpone(typeof wanted === 'number' ? wanted : 0);
      }
      case 'reauth':
        return this.takeBack(); // the server closes this connection too; the next one sends again
      case 'never':
      case 'resync':
        this.end(commandId)?.reject(new RejectedError(reject));
        return this.flush();
    }
  }

  /** End all waiting; what is kept in the store stays there for the next page. */
  close(): void {
    this.closed = true;
    this.suspend();
    const entries = [...this.entries.values()];
    this.entries.clear();
    for (const entry of entries) {
      entry.reject(new ClientClosedError());
    }
  }

  private flush(): void {
    const limit = this.careful ? 1 : WINDOW;
    let sent = 0;
    for (const [commandId, entry] of this.entries) {
      if (!this.live || this.cancelDelay !== null || sent >= limit) {
        return;
      }
      if (!entry.sent) {
        entry.sent = true;
        this.options.send(commandId, entry.kept.command);
        if (!entry.tried) {
          entry.tried = true;
          this.keep(entry);
        }
      }
      sent += 1;
    }
    this.careful = this.careful && this.entries.size > 0;
  }

  /** Wait a while, then send everything again that has no answer, in order and one by one. */
  private postpone(wantedMs: number): void {
    this.takeBack();
    this.careful = true;
    if (this.cancelDelay === null && this.live) {
      this.cancelDelay = this.options.environment.after(Math.max(this.delay, wantedMs), () => {
        this.cancelDelay = null;
        this.flush();
        this.options.onChange();
      });
      this.delay = Math.min(this.delay * 2, LONGEST_DELAY_MS);
    }
  }

  private takeBack(): void {
    for (const entry of this.entries.values()) {
      entry.sent = false;
    }
    this.options.onChange();
  }

  private dropStale(state: RoomState | null): void {
    const now = this.options.environment.now();
    for (const [commandId, entry] of this.entries) {
      const error =
        this.refusal(entry, now) ??
        (entry.tried || state === null ? null : staleReason(entry.kept.command, state));
      if (error !== null) {
        this.end(commandId)?.reject(error);
      }
    }
  }

  private refusal({ kept }: Entry, now: number): RejectedError | null {
    if (kept.user !== null && kept.user !== this.user) {
      const message = 'This was not sent: you are signed in as somebody else now.';
      return new RejectedError({ code: 'forbidden', message, retry: 'never' });
    }
    if (now - kept.at > KEPT_FOR_MS) {
      const message = 'This was not sent: it had waited for a connection for more than a week.';
      return new RejectedError({ code: 'expired', message, retry: 'never' });
    }
    return null;
  }

  /** Take over what gone tabs left in the store. */
  private async adopt(user: string, state: () => RoomState | null): Promise<void> {
    const adopted = await this.options.outbox.adopt(user).catch((error: unknown) => {
      this.options.onStoreError(error);
      return [];
    });
    const fresh = adopted.filter(kept => !this.entries.has(kept.command_id));
    for (const kept of fresh) {
      const { command, tried } = kept;
      const reject = (error: Error) => {
        if (error instanceof RejectedError) {
          this.options.onRefused(command, error);
        }
      };
      this.entries.set(kept.command_id, {
        kept,
        resolve: () => undefined,
        reject,
        sent: false,
        tried
      });
    }
    if (fresh.length > 0 && this.live) {
      this.careful = true;
      this.dropStale(state());
      this.flush();
    }
    this.options.onChange();
  }

  private keep({ kept, tried }: Entry): void {
    if (!OF_THIS_PAGE.has(kept.command.type)) {
      const stored = { ...kept, user: kept.user ?? this.user, tried };
      this.options.outbox.keep(stored).catch(this.options.onStoreError);
    }
  }

  private end(commandId: CommandId): Entry | undefined {
    const entry = this.entries.get(commandId);
    if (this.entries.delete(commandId) && !OF_THIS_PAGE.has(entry?.kept.command.type ?? 'decide')) {
      this.options.outbox.forget(commandId).catch(this.options.onStoreError);
    }
    this.options.onChange();
    return entry;
  }
}
