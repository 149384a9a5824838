import { describe, expect, test } from 'vitest';

import { sameBlock } from '../../../src/view-model/conversation/run-blocks';
import { blocksOf, timeline } from '../../../src/view-model/conversation/timeline';
import type { RoomState } from '../../../src/protocol';
import { ALICE, at, BOB, chosen, NOW, Scene } from '../../../gallery/fixtures';

const DONE = { status: 'finished', outcome: 'success' } as const;
const BY_BOB = chosen(BOB, 'approve', NOW);

const rowsOf = (state: RoomState) => timeline(state, 'main').rows;
const blocks = (scene: Scene) => rowsOf(scene.state()).flatMap(blocksOf);
const types = (scene: Scene) => blocks(scene).map(block => block.type);

describe('the rows of a thread', () => {
  test('are one for each message and one for each run', () => {
    const scene = new Scene().say(ALICE, NOW, 'x').answer(NOW, 'a').call('Edit cell 1', NOW);
    expect(rowsOf(scene.state()).map(row => row.type)).toEqual(['posted', 'run']);
  });

  test('quiet steps come together in one trace, above what the run says and does', () => {
    const scene = new Scene()
      .say(ALICE, NOW, 'x')
      .answer(NOW, '', { reasoning: 'hm' })
      .answer(NOW, 'Here.')
      .call('Read cell 1', NOW);
    expect(types(scene)).toEqual(['trace', 'text', 'working']);
    expect(blocks(scene)[0]).toMatchObject({ steps: [{ type: 'thought' }, { type: 'call' }] });
  });

  test('what a guest asks for is told by its calls, not by a message', () => {
    const guest = { ...ALICE, kind: 'guest', name: 'Claude Code, guest of Alice' } as const;
    const scene = new Scene().say(guest, NOW, 'Calls read_cell.').call('Read cell 1', NOW);
    expect(rowsOf(scene.state()).map(row => row.type)).toEqual(['run']);
    expect(types(scene)).toContain('trace');
  });

  test('a run that is over ends with what it changed in several calls', () => {
    const cells = [{ action: 'edit', cell_id: 'c1' }];
    const edit = { effect: 'edit', preview: { title: 'Edit cell 1', cells } as never } as const;
    const scene = (run: object, ...calls: Record<string, unknown>[]) =>
      calls.reduce<Scene>(
        (made, call) => made.call('Edit cell 1', NOW, call),
        new Scene().say(ALICE, NOW, 'x', run)
      );
    const last = (made: Scene) => blocks(made).at(-1);
    expect(last(scene(DONE, edit, edit))).toMatchObject({ type: 'changes', calls: { length: 2 } });
    expect(last(scene(DONE, edit))?.type).toBe('call');
    expect(last(scene(DONE, edit, { ...edit, is_error: true }))?.type).toBe('call');
    expect(last(scene({}, edit, edit))?.type).not.toBe('changes');
  });

  test('what an agent means to do stands at the end of its answer', () => {
    const plan = [{ content: 'Plot', status: 'pending', priority: '' }];
    const scene = new Scene().say(ALICE, NOW, 'x', { plan });
    expect(types(scene)).toEqual(['plan', 'working']);
    expect(blocks(scene)[0]).toMatchObject({ plan });
  });

  test('a step that goes on is named at the end, unless the trace stands there itself', () => {
    const reading = { status: 'started', started_at: NOW, claim: null };
    const alone = new Scene().say(ALICE, NOW, 'x').call('Read cell 1', NOW, reading);
    expect(types(alone)).toEqual(['trace']);
    const after = new Scene()
      .say(ALICE, NOW, 'x')
      .answer(NOW, 'a')
      .call('Read cell 1', NOW, reading);
    expect(types(after)).toEqual(['trace', 'text', 'working']);
    expect(blocks(after).at(-1)).toMatchObject({ step: { type: 'call' } });
  });

  test('a decision stands in the line of what it let happen, and the agent is named once', () => {
    const scene = new Scene()
      .say(ALICE, NOW, 'x', DONE)
      .answer(NOW, 'I would change it.')
      .call('Edit cell 1', NOW, { effect: 'edit' }, BY_BOB)
      .answer(NOW, 'Done.');
    expect(types(scene)).toEqual(['text', 'call', 'text']);
    expect(blocks(scene)[1]).toMatchObject({ decided: { by: { name: 'Bob' } } });
  });

  test('a call that was refused is told by the line about the decision alone', () => {
    const scene = new Scene()
      .say(ALICE, NOW, 'x', DONE)
      .call(
        'Edit cell 1',
        NOW,
        { effect: 'edit', denied: true, is_error: true },
        { ...BY_BOB, option: 'deny' }
      );
    expect(types(scene)).toEqual(['closed']);
  });

  test('a failed call of an approved edit is not hidden', () => {
    const scene = new Scene()
      .say(ALICE, NOW, 'x', DONE)
      .call('Edit cell 1', NOW, { effect: 'edit', is_error: true }, BY_BOB);
    expect(types(scene)).toEqual(['call']);
  });

  test('each message is followed by what answers it, and those that wait come last', () => {
    const scene = new Scene()
      .say(ALICE, at(-3), 'first')
      .say(BOB, at(-2), 'second', { status: 'queued' } as never);
    const state = scene.state();
    state.messages['late'] = { ...state.messages['m1']!, ...answerTo('m1.r1') } as never;
    (state.threads['main']!.items as { type: string; id: string }[]).push({
      type: 'message',
      id: 'late'
    });
    expect(rowsOf(state).map(row => row.key)).toEqual(['m1', 'm1.r1', 'm2']);
  });

  test('what was said while a run was under way stands where it was told', () => {
    const into = { ...DONE, into: 'm1.r1' } as never;
    const scene = new Scene()
      .say(ALICE, at(-5), 'first', DONE)
      .answer(at(-4), 'One moment.')
      .say(BOB, at(-3), 'in red', into);
    const state = scene.state();
    const answer = { ...Object.values(state.messages).find(each => each.status === 'complete')! };
    state.messages['late'] = { ...answer, message_id: 'late', text: 'In red.' } as never;
    const late = { type: 'message', id: 'late' };
    (state.threads['main']!.items as (typeof late)[]).push(late);
    expect(rowsOf(state).map(row => row.type)).toEqual(['posted', 'run']);
    const shown = rowsOf(state).flatMap(blocksOf);
    expect(shown.map(block => block.type)).toEqual(['text', 'told', 'text']);
    expect(shown[1]).toMatchObject({ message: { text: 'in red' } });
    delete state.runs['m1.r1'];
    expect(rowsOf(state).filter(row => row.type === 'posted')).toHaveLength(2);
  });

  test('the sources of instructions are named where they are others than before', () => {
    const follows = (...sources: string[]) =>
      ({ ...DONE, notebook: { text: '', cells: {}, sources } }) as never;
    const scene = new Scene()
      .say(ALICE, at(-4), 'one', follows('AGENTS.md'))
      .say(ALICE, at(-3), 'two', follows('AGENTS.md'))
      .say(ALICE, at(-2), 'three', follows('AGENTS.md', 'team/AGENTS.md'));
    const named = rowsOf(scene.state()).flatMap(row =>
      row.type === 'posted' ? [row.sources.length] : []
    );
    expect(named).toEqual([1, 0, 2]);
  });

  describe('where somebody took something back', () => {
    const by = BOB;
    const rewind = (rewind_id: string, since: string, through: string) => ({
      rewind_id,
      since,
      through,
      by,
      at: NOW
    });
    const scene = () =>
      new Scene()
        .say(ALICE, NOW, 'first', DONE)
        .answer(NOW, 'a')
        .say(ALICE, NOW, 'second', DONE)
        .answer(NOW, 'b')
        .say(ALICE, NOW, 'third', DONE)
        .answer(NOW, 'c');
    const rewoundRows = (...spans: [number, number][]) => {
      const state = scene().state();
      const ids = state.threads['main']!.items.map(item => item.id);
      const rewinds = spans.map(([since, through], n) =>
        rewind(`r${n}`, ids[since]!, ids[through]!)
      );
      state.threads = { main: { ...state.threads['main']!, rewinds } };
      return rowsOf(state);
    };

    test('one row stands for all of it, in its place', () => {
      const rows = rewoundRows([2, 3]);
      expect(rows.map(row => row.type)).toEqual(['posted', 'run', 'rewound', 'posted', 'run']);
      expect(rows[2]).toMatchObject({ count: 2, rewound: { by: { name: 'Bob' } } });
    });

    test('what a later one took back too is not told by itself', () => {
      const rows = rewoundRows([4, 5], [2, 5]);
      expect(rows.map(row => row.type)).toEqual(['posted', 'run', 'rewound']);
      expect(rows[2]).toMatchObject({ count: 4, rewound: { rewind_id: 'r1' } });
    });
  });

  test('a notebook can go back to before a message only if it was kept since', () => {
    const keptSince = (at: number) => {
      const checkpoint = { at, digest: 'd', bytes: 1, content: '' };
      const state = new Scene().say(ALICE, NOW, 'x', { ...DONE, checkpoint }).state();
      return rowsOf(state)[0];
    };
    expect(keptSince(NOW + 1)).toMatchObject({ kept: true });
    expect(keptSince(NOW - 1)).toMatchObject({ kept: false });
  });

  test('a run that shows no sign of life says that it works', () => {
    expect(types(new Scene().say(ALICE, NOW, 'x'))).toEqual(['working']);
  });

  test('keys are unique, and rows that did not change are the same objects', () => {
    const scene = new Scene()
      .say(ALICE, NOW, 'x', DONE)
      .call('Read cell 1', NOW)
      .answer(NOW, 'One.')
      .say(BOB, NOW, 'y')
      .call('Edit cell 1', NOW, { effect: 'edit' }, BY_BOB)
      .answer(NOW, 'Two.');
    const state = scene.state();
    const first = timeline(state, 'main');
    const keys = first.rows.flatMap(row => [row.key, ...blocksOf(row).map(block => block.key)]);
    expect(new Set(keys).size).toBe(keys.length);
    expect(timeline(state, 'main', first).rows).toEqual(first.rows);
    const id = Object.keys(state.messages).findLast(key => key.startsWith('a'))!;
    state.messages[id] = { ...state.messages[id]!, text: 'Changed.' } as never;
    const changed = timeline(state, 'main', first).rows;
    expect(changed.map((row, i) => row === first.rows[i])).toEqual([true, true, true, false]);
    const [before, after] = [first.rows, changed].map(rows => blocksOf(rows.at(-1)!));
    expect(before!.map((block, i) => sameBlock(block, after![i]!))).toEqual([true, false, true]);
  });
});

function answerTo(run_id: string): object {
  return {
    status: 'streaming',
    message_id: 'late',
    run_id,
    text: 'Hm',
    reasoning: '',
    first_text_at: NOW
  };
}
