// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { apply } from '../../src/core/reducer';
import { decodeRecord, decodeServerFrame } from '../../src/protocol/decode';
import { EVENTS, EVENT_NAMES, SERVER_FRAMES } from '../../src/protocol';
import { initial } from '../../src/core/state';

const ACTOR = { kind: 'person', id: 'a', name: 'A' };

function decode(frame: unknown) {
  return decodeServerFrame(JSON.stringify(frame));
}

describe('a frame', () => {
  it('of a known name becomes itself, with the defaults of what is absent', () => {
    const reject = {
      type: 'reject',
      command_id: null,
      code: 'forbidden',
      message: 'No.',
      retry: 'never'
    };
    expect(decode(reject)).toEqual({ kind: 'frame', frame: { ...reject, details: {}, hint: '' } });
  });

  it.each(['confetti', 'constructor', '__proto__'])(
    'of the unknown name %s is told apart',
    name => {
      expect(decode({ type: name })).toEqual({ kind: 'unknown', name });
    }
  );

  it.each([
    ['no JSON', '{"type":'],
    ['no object', '[1]'],
    ['nothing', 'null'],
    ['without a name', '{}'],
    ['with a field of another kind', '{"type":"live","seq":"7"}'],
    ['without a field', '{"type":"live"}'],
    ['with null where that has no meaning', '{"type":"live","seq":null}'],
    ['with a broken record', '{"type":"records","first":1,"records":[{"seq":1}]}'],
    [
      'with a known event that lacks a field',
      `{"type":"records","first":1,"records":[{"seq":1,"at":1,"actor":{},"event":{"type":"run_started"}}]}`
    ],
    ['with a broken state', '{"type":"snapshot","seq":1,"log":"l","state":{}}']
  ])('that is %s is malformed, with a reason', (_, text) => {
    const decoded = decodeServerFrame(text);
    expect(decoded.kind).toBe('malformed');
    expect(decoded.kind === 'malformed' && decoded.reason).not.toBe('');
  });

  it('with a state whose ids are names of objects has no other entries by these names', () => {
    const state = {
      ...initial('l'),
      messages: JSON.parse('{"__proto__": {"text": "x"}}') as unknown
    };
    const decoded = decode({ type: 'snapshot', seq: 0, log: 'l', state });
    if (decoded.kind !== 'frame' || decoded.frame.type !== 'snapshot') {
      throw new Error('no snapshot');
    }
    expect(decoded.frame.state.messages['__proto__']).toEqual({ text: 'x' });
    expect(decoded.frame.state.messages['constructor']).toBeUndefined();
    expect(decoded.frame.state.messages['text']).toBeUndefined();
  });
});

describe('a record', () => {
  it('with an unknown event is kept as it came, and folds as a no-op', () => {
    const event = { type: 'confetti_thrown', amount: 3 };
    const record = decodeRecord({ seq: 1, at: 5, actor: ACTOR, event });
    expect(record?.event).toEqual({ type: 'unknown', body: event });
    const state = initial('l');
    const before = JSON.stringify(state);
    apply(state, record!);
    expect(JSON.stringify({ ...state, seq: 0 })).toBe(before);
    expect(state.seq).toBe(1);
  });

  it('with an event of a known name and unknown fields keeps both', () => {
    const event = { type: 'thread_archived', thread_id: 't', colour: 'red' };
    expect(decodeRecord({ seq: 1, at: 5, actor: ACTOR, event })?.event).toEqual(event);
  });

  it('that is none is undefined', () => {
    expect(decodeRecord('x')).toBeUndefined();
    expect(decodeRecord({ seq: 1, at: 5, actor: ACTOR, event: {} })).toBeUndefined();
  });
});

it('every event and every frame has a shape', () => {
  expect(Object.keys(EVENTS)).toEqual([...EVENT_NAMES]);
  expect(Object.keys(SERVER_FRAMES)).toHaveLength(12);
});
