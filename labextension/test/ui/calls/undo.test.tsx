import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import type { ISharedCell } from '@jupyter/ydoc';
import type { ICodeCellModel } from '@jupyterlab/cells';
import { NotebookModel } from '@jupyterlab/notebook';
import { Signal } from '@lumino/signaling';
import { act, fireEvent, screen } from '@testing-library/react';
import * as React from 'react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { CallCard } from '../../../src/ui/calls/call';
import { BlockView } from '../../../src/ui/conversation/block';
import { applyChanges } from '../../../src/executor/changes';
import { versionOf } from '../../../src/executor/version';
import { NotebookCells } from '../../../src/notebook/notebook-cells';
import { notebookUndoing } from '../../../src/page/undoing';
import type { CallDone, UndoCalls } from '../../../src/protocol';
import { ALICE, NOW, Scene } from '../../../gallery/fixtures';
import { loaded } from '../../fakes/notebook';
import { FakePage, show } from '../page';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  document.head.innerHTML = '';
});

const CALLS_CSS = readFileSync(resolve(__dirname, '../../../style/calls.css'), 'utf8');

const EDIT = {
  action: 'edit' as const,
  cell_id: 'c1',
  cell_type: 'code' as const,
  label: 'cell 1',
  before: 'one',
  after: 'ONE',
  above: null,
  above_after: null,
  type_before: null
};
const EDITED = Object.values(
  new Scene()
    .say(ALICE, NOW, 'x')
    .call('Edit cell 1', NOW, {
      effect: 'edit',
      preview: { title: 'Edit cell 1', cells: [EDIT] } as never
    })
    .state().calls
)[0] as CallDone;

/** The card of a call that edited the first cell, beside the notebook as JupyterLab holds it. */
function card(call: CallDone = EDITED) {
  const model: NotebookModel = loaded('one', 'two');
  applyChanges(model.sharedModel, [
    { type: 'set_source', cell_id: 'c1', expected: versionOf('one', 'code'), source: 'ONE' }
  ]);
  const page = new FakePage();
  const modelContentChanged = new Signal<object, void>({});
  model.contentChanged.connect(() => modelContentChanged.emit());
  const cells = new NotebookCells({ model, content: { modelContentChanged } } as never);
  const watched = { panel: cells.panel, watch: (heard: () => void) => cells.watch(heard) };
  const told: UndoCalls[] = [];
  let fold: (command: UndoCalls) => void = () => undefined;
  const tell = (command: UndoCalls) => {
    told.push(command);
    fold(command);
  };
  Object.assign(page, { undoing: notebookUndoing(watched, page.trans, tell) });
  /** The call as the room's state has it once the command is folded. */
  function Folded() {
    const [undone, setUndone] = React.useState<CallDone['undone']>(null);
    fold = ({ outputs = 'kept' }) => setUndone({ by: ALICE, at: NOW, outputs });
    return <CallCard call={{ ...call, undone }} />;
  }
  show(<Folded />, page);
  const [first, other] = model.sharedModel.cells as [ISharedCell, ISharedCell];
  return {
    model,
    cells,
    told,
    first,
    other,
    settle: () => act(() => vi.advanceTimersByTimeAsync(300))
  };
}

const button = () => screen.queryByRole('button', { name: 'Undo “Edit cell 1”' });

test('an edit is taken back with one click, and then there is nothing more to take back', async () => {
  const { first, settle } = card();
  fireEvent.click(button()!);
  expect(first.getSource()).toBe('one');
  await settle();
  expect(button()).toBeNull();
});

test('cells that are called otherwise again are known again, of which the notebook tells nobody', async () => {
  const { first, cells, settle } = card();
  const id = vi.spyOn(first, 'getId').mockReturnValue('made-up');
  cells.tell();
  await settle();
  expect(button()).toBeNull();
  id.mockRestore();
  cells.tell();
  await settle();
  expect(button()).not.toBeNull();
});

test('a second click at once is not another undo, for it is said that it was done', async () => {
  const { first, settle } = card();
  const twice = button()!;
  twice.focus();
  fireEvent.click(twice);
  fireEvent.click(twice);
  await settle();
  expect(screen.queryByRole('alert')).toBeNull();
  expect(screen.getByRole('status').textContent).toBe('Undone by Alice');
  expect(document.activeElement).toBe(screen.getByRole('status'));
  first.setSource('ONE');
  await settle();
  expect(button()).not.toBeNull();
});

test('everybody is told who took it back, and that the output of the code is the old one', async () => {
  const preview = { ...EDITED.preview, title: 'Edit and run cell 1' };
  const { model, told, settle } = card({ ...EDITED, effect: 'execute', preview });
  const cell = model.cells.get(0) as ICodeCellModel;
  cell.sharedModel.setOutputs([{ output_type: 'stream', name: 'stdout', text: 'ONE' }] as never);
  fireEvent.click(screen.getByRole('button', { name: 'Undo “Edit and run cell 1”' }));
  await settle();
  expect(screen.getByRole('status').textContent).toBe('Undone by Alice; its output was kept');
  expect(cell.outputs.length).toBe(1);
  fireEvent.click(screen.getByRole('button', { name: 'Clear output' }));
  await settle();
  expect(cell.outputs.length).toBe(0);
  expect(screen.getByRole('status').textContent).toBe('Undone by Alice, output cleared');
  expect(screen.queryByRole('button', { name: 'Clear output' })).toBeNull();
  const call_ids = [EDITED.call_id];
  expect(told).toEqual([
    { type: 'undo_calls', call_ids, outputs: 'kept' },
    { type: 'undo_calls', call_ids, outputs: 'cleared' }
  ]);
});

test('what a person changed since cannot be taken back, until they change it back', async () => {
  const { first, settle } = card();
  first.setSource('mine');
  await settle();
  expect(button()).toBeNull();
  first.setSource('ONE');
  await settle();
  expect(button()).not.toBeNull();
});

test('a notebook that never rests is looked at nevertheless', async () => {
  const { first, other } = card();
  first.setSource('mine');
  for (let n = 0; n < 10; n += 1) {
    await act(() => vi.advanceTimersByTimeAsync(100));
    other.setSource(`line ${n}`);
  }
  expect(button()).toBeNull();
});

test('a click that came too late changes nothing, and says so', async () => {
  const { first, settle } = card();
  first.setSource('mine');
  fireEvent.click(button()!);
  expect(first.getSource()).toBe('mine');
  expect(screen.getByRole('alert').textContent).toBe(
    'A cell has changed since, so nothing was undone.'
  );
  expect(document.activeElement).toBe(screen.getByRole('alert'));
  first.setSource('ONE');
  await settle();
  expect(button()).not.toBeNull();
  first.setSource('mine');
  await settle();
  expect(button()).toBeNull();
  expect(screen.queryByRole('alert')).toBeNull();
});

test('why nothing was taken back stands below the line, where it leaves the title its room', () => {
  document.head.innerHTML = `<style>${CALLS_CSS}</style>`;
  const { first } = card();
  first.setSource('mine');
  fireEvent.click(button()!);
  const alert = screen.getByRole('alert');
  const { flexBasis, order } = getComputedStyle(alert);
  expect([flexBasis, order]).toEqual(['100%', '1']);
  expect(getComputedStyle(alert.parentElement!).flexWrap).toBe('wrap');
});

test('a language with several plurals has its own for the changes of a run', () => {
  const page = new FakePage();
  const undoing = {
    isPossible: () => true,
    undo: () => null,
    hasOldOutputs: () => false,
    clearOldOutputs: () => undefined,
    subscribe: () => () => undefined
  };
  const _n = (_one: string, many: string, n: number) => many.replace('%1', `${n} (of few)`);
  Object.assign(page, { undoing, trans: { __: page.trans.__.bind(page.trans), _n } });
  const block = { type: 'changes' as const, key: 'r.changes', calls: [EDITED, EDITED] };
  show(<BlockView block={block} you={null} actions={{} as never} />, page);
  expect(screen.getByRole('button').textContent).toBe('Undo all 2 (of few) changes');
});

test.each([
  ['edit', false],
  ['delete', true],
  ['retype', true]
])('what an undo of “%s” cannot bring back is said beforehand', (action, isLossy) => {
  const page = new FakePage();
  const undoing = {
    isPossible: () => true,
    undo: () => null,
    hasOldOutputs: () => false,
    clearOldOutputs: () => undefined,
    subscribe: () => () => undefined
  };
  const call = { ...EDITED, preview: { ...EDITED.preview, cells: [{ ...EDIT, action }] } };
  show(<CallCard call={call as typeof EDITED} />, Object.assign(page, { undoing }));
  expect(/outputs, attachments and tags .* do not come back/.test(button()!.title)).toBe(isLossy);
});

test('where no notebook is shown, nothing can be taken back, and what was is said', () => {
  const undone = { by: ALICE, at: NOW, outputs: 'kept' as const };
  show(<CallCard call={{ ...EDITED, undone }} />);
  expect(button()).toBeNull();
  expect(screen.getByRole('status').textContent).toBe('Undone by Alice');
});
