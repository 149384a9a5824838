import { apply } from '../../src/core/reducer';
import type {
  Actor,
  ClientFrame,
  Command,
  LogRecord,
  Reject,
  RejectCode,
  Retry,
  RoomEvent,
  RoomState
} from '../../src/protocol';
import { initial, NO_CONTEXT, PLAIN_POLICY } from '../../src/core/state';

export const AGENT: Actor = { kind: 'agent', id: 'copilot', name: 'Copilot' };

interface Refusal {
  readonly code: RejectCode;
  readonly retry: Retry;
}

/** A room in memory that keeps the promises of the protocol, for some of its commands. */
export class FakeRoom {
  log = 'log-1';
  floor = 0;
  path = 'a.ipynb';
  records: LogRecord[] = [];
  state: RoomState = initial(this.log);
  /** Refuse commands so, as often as `refuseTimes` says. */
  refuse: Refusal | undefined;
  refuseTimes = Infinity;
  /** How often each command took effect. */
  readonly effects = new Map<string, number>();
  private readonly acks = new Map<string, number>();

  /** Append facts of the agent. */
  record(...events: RoomEvent[]): LogRecord[] {
    return this.append(events, AGENT, null);
  }

  /** Stream an answer of this text, word by word, and leave it streaming. */
  beginAnswer(messageId: string): void {
    const run_id = `${messageId}.r1`;
    this.record(
      { type: 'run_started', run_id, fence: 1, model: null },
      { type: 'step_started', run_id, step: 1, message_id: `${run_id}.s1.a1`, attempt: 1 }
    );
  }

  say(messageId: string, text: string): LogRecord[] {
    const run_id = `${messageId}.r1`;
    const message_id = `${run_id}.s1.a1`;
    return this.record({ type: 'text_delta', run_id, step: 1, message_id, text, attempt: 1 });
  }

  /** Forget the records up to here, as compaction may. */
  compact(): void {
    this.floor = this.state.seq;
  }

  /** Restore the room from a backup: everything is as it was, under another log. */
  restore(log: string): void {
    this.log = log;
    this.state = { ...this.state, log };
  }

  /** What the server sends when this frame comes from a person of this name. */
  answer(frame: ClientFrame, person: string): object[] {
    switch (frame.type) {
      case 'hello':
        return this.greet(frame, person);
      case 'command':
        return this.command(frame.command_id, frame.command, person);
      case 'presence':
      case 'read_reply':
        return [];
    }
  }

  /** The frame with the records after `seq`, if there are any. */
  after(seq: number): object[] {
    const records = this.records.filter(record => record.seq > seq);
    return records.length > 0 ? [{ type: 'records', first: seq + 1, records }] : [];
  }

  welcome(person: string, more: object = {}): object {
    return {
      type: 'welcome',
      protocol: 1,
      log: this.log,
      head: this.state.seq,
      floor: this.floor,
      you: {
        id: person,
        name: person,
        kind: 'person',
        can: ['read', 'write'],
        color: null,
        initials: null
      },
      limits: {
        frame_bytes: 10_000,
        args_bytes: 10_000,
        text_chars: 10_000,
        commands_per_s: 20,
        command_burst: 40,
        sessions: 10
      },
      path: this.path,
      server: '1',
      now: 5_000_000,
      ...more
    };
  }

  snapshot(): object {
    return { type: 'snapshot', seq: this.state.seq, log: this.log, state: this.state };
  }

  live(): object {
    return { type: 'live', seq: this.state.seq };
  }

  private greet(frame: ClientFrame & { type: 'hello' }, person: string): object[] {
    const { cursor } = frame;
    const known =
      cursor?.log === this.log && cursor.seq >= this.floor && cursor.seq <= this.state.seq;
    const missing = known && cursor ? this.after(cursor.seq) : [this.snapshot()];
    return [this.welcome(person), ...missing, this.live()];
  }

  private command(commandId: string, command: Command, person: string): object[] {
    const done = this.acks.get(commandId);
    if (done !== undefined) {
      return [{ type: 'ack', command_id: commandId, seq: done }];
    }
    const before = this.state.seq;
    const events = this.refusal() ?? this.decide(command);
    if (!Array.isArray(events)) {
      const reject: Reject = {
        type: 'reject',
        command_id: commandId,
        message: `Refused: ${events.code}.`,
        details: {},
        hint: '',
        ...events
      };
      return [reject];
    }
    this.append(events, { kind: 'person', id: person, name: person }, commandId);
    this.acks.set(commandId, this.state.seq);
    this.effects.set(commandId, (this.effects.get(commandId) ?? 0) + 1);
    return [...this.after(before), { type: 'ack', command_id: commandId, seq: this.state.seq }];
  }

  private refusal(): Refusal | undefined {
    if (this.refuse === undefined || this.refuseTimes <= 0) {
      return undefined;
    }
    this.refuseTimes -= 1;
    return this.refuse;
  }

  private decide(command: Command): RoomEvent[] | Refusal {
    switch (command.type) {
      case 'post_message': {
        const { message_id, thread_id = 'main', text, run = true } = command;
        const posted: RoomEvent = {
          type: 'message_posted',
          message_id,
          thread_id,
          text,
          context: NO_CONTEXT,
          mentions: command.mentions ?? []
        };
        const run_id = `${message_id}.r1`;
        return run
          ? [
              posted,
              {
                type: 'run_queued',
                run_id,
                thread_id,
                message_id,
                model: null,
                agent_id: null,
                rewind: null,
                join: false
              }
            ]
          : [posted];
      }
      case 'open_confirmation':
        return [this.opening(command.confirmation_id, command.title)];
      case 'decide': {
        const found = this.state.confirmations[command.confirmation_id];
        if (found?.status !== 'open') {
          return { code: 'already_decided', retry: 'never' };
        }
        if (found.args_hash !== command.args_hash) {
          return { code: 'stale', retry: 'resync' };
        }
        const { confirmation_id, args_hash, option } = command;
        return [
          {
            type: 'confirmation_decided',
            confirmation_id,
            args_hash,
            option,
            value: null,
            edited_args: null,
            comment: '',
            rule_id: null
          }
        ];
      }
      default:
        return [];
    }
  }

  opening(confirmation_id: string, title: string, args_hash = 'hash'): RoomEvent {
    return {
      type: 'confirmation_opened',
      confirmation_id,
      kind: 'kernel',
      thread_id: 'main',
      title,
      args_hash,
      options: [{ id: 'confirm', label: 'Confirm', style: 'primary' }],
      body: '',
      call_id: null,
      run_id: null,
      schema: null,
      policy: PLAIN_POLICY,
      expires_at: null,
      budget: null
    };
  }

  private append(events: RoomEvent[], actor: Actor, command_id: string | null): LogRecord[] {
    const added = events.map((event, index) => ({
      seq: this.state.seq + 1 + index,
      at: 1_000 + this.state.seq + index,
      actor,
      event,
      command_id
    }));
    for (const record of added) {
      apply(this.state, record);
      this.records.push(record);
    }
    return added;
  }
}
