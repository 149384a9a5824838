// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { apply } from '../../src/core/reducer';
import { Gap } from '../../src/protocol/errors';
import type { Actor, LogRecord, Output, RoomEvent, RoomState } from '../../src/protocol';
import { RETAINED_OUTPUT_CHARS } from '../../src/protocol';
import {
  activeRun,
  initial,
  NO_CONTEXT,
  openConfirmations,
  PLAIN_POLICY
} from '../../src/core/state';

const ANNA: Actor = { kind: 'person', id: 'anna', name: 'Anna' };

function fold(state: RoomState, ...events: RoomEvent[]): RoomState {
  for (const event of events) {
    const record: LogRecord = {
      seq: state.seq + 1,
      at: 1000 + state.seq,
      actor: ANNA,
      event,
      command_id: null
    };
    apply(state, record);
  }
  return state;
}

function asked(message: string): RoomEvent[] {
  return [
    {
      type: 'message_posted',
      message_id: message,
      thread_id: 'main',
      text: 'Hi',
      context: NO_CONTEXT,
      mentions: []
    },
    {
      type: 'run_queued',
      run_id: `${message}.r1`,
      thread_id: 'main',
      message_id: message,
      model: null,
      agent_id: null,
      rewind: null,
      join: false
    }
  ];
}

function started(message: string): RoomEvent[] {
  const run_id = `${message}.r1`;
  return [
    ...asked(message),
    { type: 'run_started', run_id, fence: 1, model: null },
    { type: 'step_started', run_id, step: 1, message_id: `${run_id}.s1.a1`, attempt: 1 }
  ];
}

function delta(message: string, text: string): RoomEvent {
  const run_id = `${message}.r1`;
  return { type: 'text_delta', run_id, step: 1, message_id: `${run_id}.s1.a1`, text, attempt: 1 };
}

/** What an event makes the fold do with the maps of the state; a walk through a map would list its keys. */
function touches(state: RoomState, event: RoomEvent): string[] {
  const seen: string[] = [];
  const watched = <T extends object>(map: T): T =>
    new Proxy(map, {
      get: (target, key) => (seen.push(`get ${String(key)}`), Reflect.get(target, key) as unknown),
      set: (target, key, value) => (
        seen.push(`set ${String(key)}`),
        Reflect.set(target, key, value)
      ),
      ownKeys: target => (seen.push('list'), Reflect.ownKeys(target))
    });
  const { threads, messages, runs, calls, confirmations } = state;
  const copy = {
    ...state,
    threads: watched(threads),
    messages: watched(messages),
    runs: watched(runs),
    calls: watched(calls),
    confirmations: watched(confirmations)
  };
  fold(copy, event);
  state.seq = copy.seq;
  return seen;
}

describe('apply', () => {
  it('refuses a record that is not the next one, and changes nothing', () => {
    const state = fold(initial('l'), ...asked('m'));
    for (const seq of [0, 2, 4, 99]) {
      const record = { seq, at: 1, actor: ANNA, event: delta('m', 'x'), command_id: null };
      expect(() => apply(state, record)).toThrow(Gap);
    }
    expect(state.seq).toBe(2);
  });

  it('lets seqs skip up to the floor, and not beyond', () => {
    const state = initial('l');
    const record = (seq: number): LogRecord => ({
      seq,
      at: 1,
      actor: ANNA,
      event: { type: 'thread_renamed', thread_id: 'main', title: String(seq) },
      command_id: null
    });
    apply(state, record(5), 7);
    apply(state, record(7), 7);
    expect(() => apply(state, record(9), 7)).toThrow(Gap);
    expect(state.seq).toBe(7);
  });

  it('replaces what changes and leaves everything else the same object', () => {
    const state = fold(initial('l'), ...started('m1'), ...asked('m2'));
    const { messages, runs, threads } = state;
    const before = { ...messages };
    const [run, thread] = [runs['m1.r1'], threads['main']];
    fold(state, delta('m1', 'Hello'));
    expect(state.messages).toBe(messages);
    expect(messages['m1.r1.s1.a1']).not.toBe(before['m1.r1.s1.a1']);
    expect(messages['m1']).toBe(before['m1']);
    expect(messages['m2']).toBe(before['m2']);
    expect([runs['m1.r1'], threads['main']]).toEqual([run, thread]);
    expect(runs['m1.r1']).toBe(run);
    expect(threads['main']).toBe(thread);
    expect(before['m1.r1.s1.a1']).toMatchObject({ text: '' });
  });

  it('touches as much of the state for a delta after a long history as after a short one', () => {
    const state = fold(initial('l'), ...started('m'));
    const short = touches(state, delta('m', 'word '));
    fold(state, ...Array.from({ length: 150 }, (_, n) => asked(`x${n}`)).flat());
    fold(state, ...Array.from({ length: 10_000 }, () => delta('m', 'word ')));
    expect(touches(state, delta('m', 'word '))).toEqual(short);
    expect(short).toEqual(['get m.r1.s1.a1', 'set m.r1.s1.a1']);
    expect(state.messages['m.r1.s1.a1']).toMatchObject({ text: 'word '.repeat(10_002) });
  });

  it('keeps the end of long output, in characters as Python counts them', () => {
    const state = fold(initial('l'), ...started('m'), {
      type: 'call_proposed',
      call_id: 'c',
      run_id: 'm.r1',
      step: 1,
      message_id: 'm.r1.s1.a1',
      tool: 't',
      args: {},
      effect: 'read',
      args_hash: 'h',
      preview: { title: 'T', cells: [], code: null, language: 'python' },
      raw_args: null,
      extra: null,
      circumstances: null
    });
    fold(state, {
      type: 'call_started',
      call_id: 'c',
      exec_id: 'c',
      adapter: 'a',
      args: null,
      preview: null
    });
    const output = (text: string): Output => ({ kind: 'stdout', text, image: null, cell_id: null });
    const say = (text: string) =>
      fold(state, { type: 'call_output', call_id: 'c', output: output(text) });
    say('a'.repeat(RETAINED_OUTPUT_CHARS - 1));
    say('😀');
    say('b🙈');
    expect(state.calls['c']).toMatchObject({
      outputs: [{ text: `${'a'.repeat(RETAINED_OUTPUT_CHARS - 3)}😀b🙈` }]
    });
  });
});

describe('what is derived', () => {
  it('is the active run, and what waits for people', () => {
    const state = fold(initial('l'), ...started('m1'), ...asked('m2'), ...asked('m3'));
    expect(activeRun(state, 'main')?.run_id).toBe('m1.r1');
    expect(activeRun(state, 'nowhere')).toBeNull();
    const opened = (confirmation_id: string): RoomEvent => ({
      type: 'confirmation_opened',
      confirmation_id,
      kind: 'question',
      thread_id: 'main',
      title: 'Which?',
      args_hash: 'h',
      options: [],
      body: '',
      call_id: null,
      run_id: 'm1.r1',
      schema: null,
      policy: PLAIN_POLICY,
      expires_at: null,
      budget: null
    });
    fold(state, opened('zz'), opened('7')); // JavaScript lists the key 7 before zz
    expect(openConfirmations(state).map(each => each.confirmation_id)).toEqual(['zz', '7']);
  });
});
