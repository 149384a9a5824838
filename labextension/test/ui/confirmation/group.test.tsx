import { act, fireEvent, screen } from '@testing-library/react';
import * as React from 'react';
import { describe, expect, test, vi } from 'vitest';

import type { Open } from '../../../src/protocol';
import { GroupBar } from '../../../src/ui/confirmation/group';
import { SeenContext, seenKey, SeenStore } from '../../../src/ui/confirmation/seen-store';
import { timeline } from '../../../src/view-model/timeline';
import { ALICE, NOW, Scene } from '../../../gallery/fixtures';
import { show } from '../page';

const proposed = { effect: 'edit', status: 'proposed' };

function answerOf(count: number): { rows: ReturnType<typeof timeline>; opened: Open[] } {
  let scene = new Scene().say(ALICE, NOW, 'x').answer(NOW, 'Two steps.');
  for (let n = 1; n <= count; n++) {
    scene = scene.call(`Edit cell ${n}`, NOW, proposed, {});
  }
  const rows = timeline(scene.state(), 'main');
  return { rows, opened: rows.flatMap(row => (row.type === 'group' ? row.confirmations : [])) };
}

describe('several calls of one answer', () => {
  test('have a row that decides all of them, and one alone has none', () => {
    expect(answerOf(2).rows.at(-1)?.type).toBe('group');
    expect(answerOf(2).opened.map(each => each.title)).toEqual(['Edit cell 1', 'Edit cell 2']);
    expect(answerOf(1).rows.map(row => row.type)).not.toContain('group');
  });

  test('are approved together once all of each could be seen', () => {
    const { opened } = answerOf(2);
    const seen = new SeenStore();
    const onDecideAll = vi.fn();
    show(
      <SeenContext.Provider value={seen}>
        <GroupBar confirmations={opened} barred={null} sending={false} onDecideAll={onDecideAll} />
      </SeenContext.Provider>
    );
    const approve = screen.getByRole('button', { name: 'Approve all 2' });
    seen.report(seenKey(opened[0]!), true);
    expect(approve).toHaveProperty('disabled', true);
    act(() => seen.report(seenKey(opened[1]!), true));
    fireEvent.click(approve);
    expect(onDecideAll).toHaveBeenCalledExactlyOnceWith('approve');
    act(() => seen.report(seenKey(opened[1]!), false)); // its card turned
    expect(approve).toHaveProperty('disabled', true);
  });

  test('cannot be decided by who may not decide one of them', () => {
    const { opened } = answerOf(2);
    show(
      <GroupBar
        confirmations={opened}
        barred="This runs code."
        sending={false}
        onDecideAll={vi.fn()}
      />
    );
    expect(screen.getByText('This runs code.')).toBeTruthy();
    expect(screen.queryByRole('button')).toBeNull();
  });
});
