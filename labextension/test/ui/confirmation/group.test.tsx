import { act, fireEvent, screen } from '@testing-library/react';
import * as React from 'react';
import { describe, expect, test, vi } from 'vitest';

import type { Call, Circumstances, Open } from '../../../src/protocol';
import { GroupBar } from '../../../src/ui/confirmation/group';
import { SeenContext, seenKey, SeenStore } from '../../../src/ui/confirmation/seen-store';
import type { Block } from '../../../src/view-model/conversation/run-blocks';
import { blocksOf, timeline } from '../../../src/view-model/conversation/timeline';
import { ALICE, NOW, Scene } from '../../../gallery/fixtures';
import { show } from '../page';

const NOTHING: Circumstances = {
  definition: '',
  server: '',
  tags: {},
  locks: {},
  dangers: [],
  fetches: false
};
const proposed = { effect: 'edit', status: 'proposed' };

interface Answer {
  rows: Block[];
  opened: Open[];
  calls: Call[];
}

function answerOf(count: number): Answer {
  let scene = new Scene().say(ALICE, NOW, 'x').answer(NOW, 'Two steps.');
  for (let n = 1; n <= count; n++) {
    scene = scene.call(`Edit cell ${n}`, NOW, proposed, {});
  }
  const rows = timeline(scene.state(), 'main').rows.flatMap(blocksOf);
  const [group] = rows.filter(row => row.type === 'group');
  return { rows, opened: group?.confirmations ?? [], calls: group?.calls ?? [] };
}

describe('several calls of one answer', () => {
  test('have a row that decides all of them, and one alone has none', () => {
    expect(answerOf(2).rows.at(-1)?.type).toBe('group');
    expect(answerOf(2).opened.map(each => each.title)).toEqual(['Edit cell 1', 'Edit cell 2']);
    expect(answerOf(1).rows.map(row => row.type)).not.toContain('group');
  });

  test('are approved together once all of each could be seen', () => {
    const { opened, calls } = answerOf(2);
    const ids = opened.map(each => each.confirmation_id);
    const seen = new SeenStore();
    const onDecideAll = vi.fn();
    show(
      <SeenContext.Provider value={seen}>
        <GroupBar
          confirmations={opened}
          calls={calls}
          barred={null}
          sending={false}
          onDecideAll={onDecideAll}
        />
      </SeenContext.Provider>
    );
    const approve = screen.getByRole('button', { name: 'Approve all 2' });
    seen.report(seenKey(opened[0]!), true);
    expect(approve).toHaveProperty('disabled', true);
    act(() => seen.report(seenKey(opened[1]!), true));
    fireEvent.click(approve);
    expect(onDecideAll).toHaveBeenCalledExactlyOnceWith('approve', ids);
    act(() => seen.report(seenKey(opened[1]!), false)); // its card turned
    expect(approve).toHaveProperty('disabled', true);
  });

  test('cannot be decided by who may not decide one of them', () => {
    const { opened, calls } = answerOf(2);
    show(
      <GroupBar
        confirmations={opened}
        calls={calls}
        barred="This runs code."
        sending={false}
        onDecideAll={vi.fn()}
      />
    );
    expect(screen.getByText('This runs code.')).toBeTruthy();
    expect(screen.queryByRole('button')).toBeNull();
  });

  test.each<[string, Partial<Call>]>([
    ['fetches', { circumstances: { ...NOTHING, fetches: true } }],
    ['is dangerous', { circumstances: { ...NOTHING, dangers: ['deletes'] }, effect: 'execute' }],
    ['hides characters', { preview: { title: '', cells: [], code: 'x \u202e= 1', language: '' } }],
    ['nobody looked into', { circumstances: null }]
  ])('one that %s is left out of what is approved together', (_, surprise) => {
    const { opened, calls } = answerOf(3);
    const given = [calls[0]!, { ...calls[1]!, ...surprise } as Call, calls[2]!];
    const seen = new SeenStore();
    const onDecideAll = vi.fn();
    show(
      <SeenContext.Provider value={seen}>
        <GroupBar
          confirmations={opened}
          calls={given}
          barred={null}
          sending={false}
          onDecideAll={onDecideAll}
        />
      </SeenContext.Provider>
    );
    act(() => opened.forEach(each => seen.report(seenKey(each), true)));
    const [first, second, third] = opened.map(each => each.confirmation_id);
    expect(screen.getByText(/look at 1 and approve it by itself/)).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'Approve the other 2' }));
    expect(onDecideAll).toHaveBeenLastCalledWith('approve', [first, third]);
    fireEvent.click(screen.getByRole('button', { name: 'Deny all' }));
    expect(onDecideAll).toHaveBeenLastCalledWith('deny', [first, second, third]);
  });
});
