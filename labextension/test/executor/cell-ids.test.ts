import type { NotebookModel } from '@jupyterlab/notebook';
import { describe, expect, test } from 'vitest';

import { CellIds, idOf } from '../../src/executor/cell-ids';
import { contentOf, format, loaded } from '../fakes/notebook';

/** What the server remembers, as far as these tests need it: the last ids, by place. */
class Memory {
  ids: string[] = [];
  asked: (readonly string[] | null)[] = [];
  fails = false;
  readonly told: string[][] = [];

  readonly ask = async (versions: readonly string[], ids: readonly string[] | null) => {
    if (this.fails) {
      throw new Error('The server is away.');
    }
    this.asked.push(ids);
    this.ids = ids !== null ? [...ids] : versions.map((_, n) => this.ids[n] ?? `made ${n}`);
    return this.ids;
  };

  /** A tab that has loaded a notebook of this minor version, whose file has no ids below 5. */
  async tab(minor: number): Promise<{ model: NotebookModel; ids: CellIds }> {
    format.minor = minor;
    const model = loaded();
    model.fromJSON(contentOf('one', 'two'));
    format.minor = 5;
    model.dirty = false;
    model.sharedModel.clearUndoHistory();
    const ids = new CellIds(
      () => model.sharedModel,
      this.ask,
      () => this.told.push(idsIn(model))
    );
    model.cells.changed.connect(() => ids.look());
    await ids.agree();
    return { model, ids };
  }
}

const idsIn = (model: NotebookModel) => model.sharedModel.cells.map(idOf);

describe.each([0, 4])('a notebook of nbformat 4.%i', minor => {
  test('has the same ids in every tab, and that is no change of it', async () => {
    const memory = new Memory();
    const [one, two] = [await memory.tab(minor), await memory.tab(minor)];
    expect(idsIn(one.model)).toEqual(['made 0', 'made 1']);
    expect(idsIn(two.model)).toEqual(idsIn(one.model));
    expect(one.model.dirty).toBe(false);
    expect(one.model.sharedModel.canUndo()).toBe(false);
    expect(one.model.cells.get(0).id).toBe('made 0');
    expect(JSON.stringify(one.model.toJSON())).not.toContain('made');
  });

  test('is called by every tab what one called a cell that a person added', async () => {
    const memory = new Memory();
    const { model, ids } = await memory.tab(minor);
    model.sharedModel.insertCell(1, { cell_type: 'code', source: 'new', id: 'mine' } as never);
    await ids.agree(); // as when it was saved
    expect(memory.asked.at(-1)).toEqual(['made 0', 'mine', 'made 1']);
    const other = await memory.tab(minor);
    expect(idsIn(other.model)).toEqual(['made 0', 'mine']);
  });

  test('keeps its ids when it is loaded again', async () => {
    const { model, ids } = await new Memory().tab(minor);
    format.minor = minor;
    model.fromJSON(contentOf('one, changed', 'two'));
    format.minor = 5;
    await ids.settled;
    expect(idsIn(model)).toEqual(['made 0', 'made 1']);
  });

  test('is called by its own ids until the server answers, and is asked for again', async () => {
    const memory = new Memory();
    memory.fails = true;
    const { model, ids } = await memory.tab(minor);
    expect(idsIn(model)).not.toContain('made 0');
    expect(memory.told).toEqual([]);
    memory.fails = false;
    await ids.agree(); // as when the connection is back
    expect(idsIn(model)).toEqual(['made 0', 'made 1']);
    expect(memory.told).toEqual([['made 0', 'made 1']]);
  });
});

test('a notebook whose file keeps ids is left alone', async () => {
  const memory = new Memory();
  const { model } = await memory.tab(5);
  expect(idsIn(model)).toEqual(['c1', 'c2']);
  expect(memory.asked).toEqual([]);
});
