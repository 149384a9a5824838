/** Notebooks as people have them, in a tab: what was asked changes, and nothing that JupyterLab itself would keep. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import type { INotebookContent } from '@jupyterlab/nbformat';
import { NotebookModel } from '@jupyterlab/notebook';
import { expect, test } from 'vitest';

import { CellIds, idOf } from '../../src/executor/cell-ids';
import { applyChanges } from '../../src/executor/changes';
import { versionOf } from '../../src/executor/version';

const FILE = resolve(__dirname, '../../../tests/notebooks/kinds.json');
const KINDS = JSON.parse(readFileSync(FILE, 'utf8')) as Record<string, INotebookContent>;

/** What Jupyter opens though its format forbids it; the server's contents manager gives it to the tab as it is. */
const FORBIDDEN = {
  'no minor version': {
    cells: [{ cell_type: 'code', execution_count: null, metadata: {}, outputs: [], source: 'x' }],
    metadata: { language_info: { name: 'plaintext' }, orig_nbformat: 4 },
    nbformat: 4
  },
  'a cell without a source': {
    cells: [
      { cell_type: 'heading', level: 2, metadata: {} },
      { cell_type: 'code', execution_count: 1, metadata: { tags: ['keep'] }, outputs: [] },
      { cell_type: 'markdown', metadata: {}, source: '# T' }
    ],
    metadata: {},
    nbformat: 4,
    nbformat_minor: 4
  }
} as unknown as Record<string, INotebookContent>;

test.each(Object.entries({ ...KINDS, ...FORBIDDEN }))('%s', async (_, kind) => {
  const { id, ...plain } = { id: 'plain', cell_type: 'code', source: 'x = 1', metadata: {} };
  const last = kind.nbformat_minor < 5 ? plain : { id, ...plain };
  const model = new NotebookModel();
  model.fromJSON({ ...kind, cells: [...kind.cells, last as INotebookContent['cells'][number]] });
  const notebook = model.sharedModel;
  const names = async (versions: readonly string[]) => versions.map((_, n) => `n${n}`);
  await new CellIds(
    () => notebook,
    names,
    () => undefined
  ).agree();
  const before = model.toJSON() as INotebookContent;
  const ids = notebook.cells.map(idOf);
  expect(new Set(ids).size).toBe(ids.length);
  const edited = ids.at(-1)!;
  const [expected, source] = [versionOf('x = 1', 'code'), 'x = 2'];
  const report = applyChanges(notebook, [
    { type: 'set_source', cell_id: edited, expected, source },
    {
      type: 'insert_cell',
      cell_id: 'new',
      after: edited,
      cell_type: 'code',
      source: 'n',
      rest: null
    },
    { type: 'move_cell', cell_id: edited, after: null }
  ]);
  expect(report).toEqual({ status: 'ok' });
  expect(notebook.cells.map(idOf)).toEqual([edited, ...ids.slice(0, -1), 'new']);
  const after = model.toJSON() as INotebookContent;
  const others = before.cells.slice(0, -1);
  expect(after.cells.slice(1, -1)).toEqual(others);
  expect(after.cells[0]).toEqual({ ...before.cells.at(-1), source: 'x = 2' });
  expect({ ...after, cells: [] }).toEqual({ ...before, cells: [] });
  // Where no minor version says that there are none, JupyterLab writes ids.
  const keepsIds = (kind.nbformat_minor ?? 5) >= 5;
  expect(after.cells.every(cell => 'id' in cell === keepsIds)).toBe(true);
  notebook.undo();
  expect(model.toJSON()).toEqual(before);
});
