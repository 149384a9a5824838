import { expect, test, vi } from 'vitest';

import { acceptDrags } from '../../src/notebook/dropped';
import type { NotebookCells } from '../../src/notebook/notebook-cells';

const model = (id: string) => ({ id, sharedModel: { getSource: () => `source of ${id}` } });
const cells = {
  models: () => [model('a'), model('b')],
  number: (id: string) => (id === 'b' ? 2 : 1)
} as unknown as NotebookCells;

function drag(type: string, data: Record<string, unknown>) {
  const event = new MouseEvent(type, { bubbles: true, cancelable: true });
  const mimeData = {
    hasData: (mime: string) => mime in data,
    getData: (mime: string) => data[mime]
  };
  return Object.assign(event, { mimeData, proposedAction: 'move', dropAction: 'none' });
}

test('a cell and files that are dropped are attached, and stay where they were', () => {
  const node = document.createElement('div');
  const take = vi.fn();
  acceptDrags(node, () => cells, take);
  const over = drag('lm-dragover', { 'internal:cells': [] });
  node.dispatchEvent(over);
  expect(over.dropAction).toBe('move');
  const drop = drag('lm-drop', {
    'internal:cells': [{ model: { id: 'b' } }],
    'application/x-jupyter-icontents': ['RTC:data/x.csv']
  });
  node.dispatchEvent(drop);
  expect(take.mock.calls.map(([attachment]) => attachment)).toEqual([
    { kind: 'cell', cellId: 'b', label: 'cell 2', source: 'source of b' },
    { kind: 'file', label: 'data/x.csv' }
  ]);
  expect(drop.dropAction).toBe('none');
});

test('other drags pass, and so do all once it is disposed', () => {
  const node = document.createElement('div');
  const take = vi.fn();
  const accepted = acceptDrags(node, () => cells, take);
  const other = drag('lm-drop', { 'application/vnd.lumino.widget-factory': () => null });
  node.dispatchEvent(other);
  expect(other.defaultPrevented).toBe(false);
  accepted.dispose();
  node.dispatchEvent(drag('lm-drop', { 'internal:cells': [{ model: { id: 'a' } }] }));
  expect(take).not.toHaveBeenCalled();
});
