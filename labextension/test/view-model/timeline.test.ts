import { describe, expect, test } from 'vitest';

import { sameRow, timeline } from '../../src/view-model/timeline';
import { ALICE, at, BOB, chosen, NOW, Scene } from '../../gallery/fixtures';

const DONE = { status: 'finished', outcome: 'success' } as const;
const BY_BOB = chosen(BOB, 'approve', NOW);

const types = (scene: Scene) => timeline(scene.state(), 'main').map(row => row.type);

describe('the rows of a thread', () => {
  test('quiet steps come together, and fold once something follows', () => {
    const scene = new Scene()
      .say(ALICE, NOW, 'x')
      .answer(NOW, '', { reasoning: 'hm' })
      .call('Read cell 1', NOW)
      .answer(NOW, 'Here.');
    const rows = timeline(scene.state(), 'main');
    expect(rows.map(row => row.type)).toEqual(['posted', 'speaker', 'activity', 'text', 'working']);
    expect(rows[2]).toMatchObject({ folded: true, steps: [{ type: 'thought' }, { type: 'call' }] });
  });

  test('what a guest asks for is told by its calls, not by a message', () => {
    const guest = { ...ALICE, kind: 'guest', name: 'Claude Code, guest of Alice' } as const;
    const rows = types(new Scene().say(guest, NOW, 'Calls read_cell.').call('Read cell 1', NOW));
    expect(rows).not.toContain('posted');
    expect(rows).toContain('activity');
  });

  test('a run that is over ends with what it changed in several calls', () => {
    const cells = [{ action: 'edit', cell_id: 'c1' }];
    const edit = { effect: 'edit', preview: { title: 'Edit cell 1', cells } as never } as const;
    const scene = (run: object, ...calls: Record<string, unknown>[]) =>
      calls.reduce<Scene>(
        (made, call) => made.call('Edit cell 1', NOW, call),
        new Scene().say(ALICE, NOW, 'x', run)
      );
    const last = (made: Scene) => timeline(made.state(), 'main').at(-1);
    expect(last(scene(DONE, edit, edit))).toMatchObject({ type: 'changes', calls: { length: 2 } });
    expect(last(scene(DONE, edit))?.type).toBe('call');
    expect(last(scene(DONE, edit, { ...edit, is_error: true }))?.type).toBe('call');
    expect(last(scene({}, edit, edit))?.type).not.toBe('changes');
  });

  test('what an agent means to do stands at the end of its answer', () => {
    const plan = [{ content: 'Plot', status: 'pending', priority: '' }];
    const rows = timeline(new Scene().say(ALICE, NOW, 'x', { plan }).state(), 'main');
    expect(rows.map(row => row.type)).toEqual(['posted', 'plan', 'working']);
    expect(rows[1]).toMatchObject({ plan });
  });

  test('quiet steps are shown one by one while nothing follows', () => {
    const scene = new Scene()
      .say(ALICE, NOW, 'x')
      .call('Read cell 1', NOW, { status: 'started', started_at: NOW, claim: null });
    const rows = timeline(scene.state(), 'main');
    expect(rows.at(-1)).toMatchObject({ type: 'activity', folded: false });
  });

  test('the agent is named again after somebody decided', () => {
    const scene = new Scene()
      .say(ALICE, NOW, 'x', DONE)
      .answer(NOW, 'I would change it.')
      .call('Edit cell 1', NOW, { effect: 'edit' }, BY_BOB)
      .answer(NOW, 'Done.');
    expect(types(scene)).toEqual([
      'posted',
      'speaker',
      'text',
      'closed',
      'call',
      'speaker',
      'text'
    ]);
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
    expect(types(scene)).toEqual(['posted', 'closed']);
  });

  test('a failed call of an approved edit is not hidden', () => {
    const scene = new Scene()
      .say(ALICE, NOW, 'x', DONE)
      .call('Edit cell 1', NOW, { effect: 'edit', is_error: true }, BY_BOB);
    expect(types(scene)).toEqual(['posted', 'closed', 'call']);
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
    const rows = timeline(state, 'main');
    expect(rows.map(row => row.key)).toEqual(['m1', 'm1.r1.speaker.0', 'late', 'm2']);
  });

  test('what was said while a run was under way stands where it was told', () => {
    const scene = new Scene()
      .say(ALICE, at(-5), 'first', DONE)
      .answer(at(-4), 'One moment.')
      .say(BOB, at(-3), 'in red', {
        status: 'finished',
        outcome: 'success',
        into: 'm1.r1'
      } as never);
    const state = scene.state();
    const answer = { ...Object.values(state.messages).find(each => each.status === 'complete')! };
    state.messages['late'] = { ...answer, message_id: 'late', text: 'In red.' } as never;
    (state.threads['main']!.items as { type: string; id: string }[]).push({
      type: 'message',
      id: 'late'
    });
    const rows = timeline(state, 'main');
    const told = ['posted', 'speaker', 'text', 'posted', 'speaker', 'text'];
    expect(rows.map(row => row.type)).toEqual(told);
    expect(rows[3]).toMatchObject({ message: { text: 'in red' }, queued: null });
    delete state.runs['m1.r1'];
    expect(timeline(state, 'main').filter(row => row.type === 'posted')).toHaveLength(2);
  });

  test('the sources of instructions are named where they are others than before', () => {
    const follows = (...sources: string[]) =>
      ({ ...DONE, notebook: { text: '', cells: {}, sources } }) as never;
    const scene = new Scene()
      .say(ALICE, at(-4), 'one', follows('AGENTS.md'))
      .say(ALICE, at(-3), 'two', follows('AGENTS.md'))
      .say(ALICE, at(-2), 'three', follows('AGENTS.md', 'team/AGENTS.md'));
    const named = timeline(scene.state(), 'main').flatMap(row =>
      row.type === 'posted' ? [row.sources.length] : []
    );
    expect(named).toEqual([1, 0, 2]);
  });

  test('a run that shows no sign of life says that it works', () => {
    expect(types(new Scene().say(ALICE, NOW, 'x'))).toEqual(['posted', 'working']);
  });

  test('keys are unique, and rows that did not change are known as the same', () => {
    const scene = new Scene()
      .say(ALICE, NOW, 'x')
      .call('Read cell 1', NOW)
      .answer(NOW, 'One.')
      .call('Edit cell 1', NOW, { effect: 'edit' }, BY_BOB)
      .answer(NOW, 'Two.');
    const state = scene.state();
    const first = timeline(state, 'main');
    expect(new Set(first.map(row => row.key)).size).toBe(first.length);
    const again = timeline(state, 'main');
    expect(first.every((row, i) => sameRow(row, again[i]!))).toBe(true);
    const id = Object.keys(state.messages).find(key => key.startsWith('a'))!;
    state.messages[id] = { ...state.messages[id]!, text: 'Changed.' } as never;
    const changed = timeline(state, 'main');
    expect(first.filter((row, i) => !sameRow(row, changed[i]!))).toHaveLength(1);
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
