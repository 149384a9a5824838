import { act, screen } from '@testing-library/react';
import * as React from 'react';
import { expect, test } from 'vitest';

import { CellLink } from '../../src/ui/shared/linked-text';
import { FakePage, show } from './page';

/** A notebook whose cells a test moves. */
class Moving extends FakePage {
  order = ['a', 'b'];
  pointed: unknown[] = [];
  private callback = (): void => undefined;
  override cellNumber = (id: string): number | null => this.order.indexOf(id) + 1 || null;
  cellName = (id: string): string => `[7] ${id} = 1`;
  pointAtCell = (target: unknown): void => void this.pointed.push(target);
  watchCells = (callback: () => void): (() => void) => {
    this.callback = callback;
    return () => undefined;
  };
  change(...order: string[]): void {
    act(() => {
      this.order = order;
      this.callback();
    });
  }
}

test('a link says which cell it leads to now, and is none once the cell is gone', () => {
  const page = new Moving();
  show(<CellLink target={{ id: 'b' }} label="cell 2" />, page);
  expect(screen.getByRole('button', { name: 'cell 2' }).title).toBe('Go to [7] b = 1');
  page.change('new', 'a', 'b');
  screen.getByRole('button', { name: 'cell 3' }).click();
  expect(page.visited).toEqual([{ id: 'b' }]);
  page.change('a');
  expect(screen.queryByRole('button')).toBeNull();
  expect(screen.getByText('cell 2').title).toBe('This cell is not in the notebook');
});

test('what a cell was inserted after is not its own number', () => {
  show(<CellLink target={{ id: 'b' }} label="new cell after cell 1" />, new Moving());
  expect(screen.getByRole('button').textContent).toBe('new cell after cell 1');
});

test('the cell is outlined while somebody points at its link, or has it focused', () => {
  const page = new Moving();
  const { unmount } = show(<CellLink target={{ id: 'b' }} label="cell 2" />, page);
  act(() => screen.getByRole('button').focus());
  act(() => screen.getByRole('button').blur());
  unmount();
  expect(page.pointed).toEqual([{ id: 'b' }, null, null]);
});
