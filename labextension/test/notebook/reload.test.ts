import type { NotebookModel } from '@jupyterlab/notebook';
import { expect, test } from 'vitest';

import { reload } from '../../src/notebook/reload';
import { callThem, contentOf, inEachFormat, loaded } from '../fakes/notebook';

const sources = (model: NotebookModel) =>
  [...model.cells].map(cell => cell.sharedModel.getSource());

/** JupyterLab's way to load a notebook again, with what happens while it fetches the file. */
function fetching(model: NotebookModel, meanwhile: () => void, ...found: string[]) {
  return async () => {
    await Promise.resolve();
    meanwhile();
    model.fromJSON(contentOf(...found));
    callThem(model);
    model.dirty = false;
  };
}

inEachFormat(() => {
  test('a notebook that nobody touches meanwhile is as it is on disk', async () => {
    const model = loaded('one', 'two');
    expect(
      await reload(
        model,
        fetching(model, () => undefined, 'ONE', 'TWO')
      )
    ).toBe(false);
    expect(sources(model)).toEqual(['ONE', 'TWO']);
    expect(model.dirty).toBe(false);
  });

  test('what is typed into a cell meanwhile is kept, and is unsaved', async () => {
    const model = loaded('one', 'two');
    const type = () => {
      model.cells.get(1).sharedModel.setSource('two, t');
      model.cells.get(1).sharedModel.setSource('two, typed');
    };
    expect(await reload(model, fetching(model, type, 'ONE', 'TWO', 'THREE'))).toBe(true);
    expect(sources(model)).toEqual(['ONE', 'two, typed', 'THREE']);
    expect(model.dirty).toBe(true);
  });

  test('a cell that is new meanwhile, with what is typed into it, stays where it is', async () => {
    const model = loaded('one', 'two');
    const add = () => {
      const cell = { id: 'mine', cell_type: 'markdown' as const, source: '', metadata: {} };
      model.sharedModel.insertCell(1, cell);
      model.cells.get(1).sharedModel.setSource('# Mine');
    };
    expect(await reload(model, fetching(model, add, 'ONE', 'TWO'))).toBe(true);
    expect(sources(model)).toEqual(['ONE', '# Mine', 'TWO']);
    expect([model.cells.get(1).id, model.cells.get(1).type]).toEqual(['mine', 'markdown']);
    expect(model.dirty).toBe(true);
  });

  test('what is typed meanwhile into a cell that is gone on disk comes back below its neighbour', async () => {
    const model = loaded('one', 'two', 'three');
    const type = () => {
      model.cells.get(1).sharedModel.setSource('two, typed');
      model.cells.get(2).sharedModel.setSource('three, typed');
    };
    expect(await reload(model, fetching(model, type, 'ONE'))).toBe(true);
    expect(sources(model)).toEqual(['ONE', 'two, typed', 'three, typed']);
  });

  test('cells that are new on disk are there once', async () => {
    const model = loaded('one');
    const load = fetching(model, () => undefined, 'one', 'two', 'three');
    expect(await reload(model, load)).toBe(false);
    expect(sources(model)).toEqual(['one', 'two', 'three']);
    expect(model.dirty).toBe(false);
  });

  test('what is typed and undone meanwhile leaves nothing behind', async () => {
    const model = loaded('one');
    const type = () => {
      model.cells.get(0).sharedModel.setSource('typed');
      model.cells.get(0).sharedModel.setSource('one');
    };
    expect(await reload(model, fetching(model, type, 'ONE'))).toBe(false);
    expect(sources(model)).toEqual(['ONE']);
  });

  test('what a run writes meanwhile does not bring old code back', async () => {
    const model = loaded('one');
    const run = () => model.cells.get(0).setMetadata('tags', ['ran']);
    expect(await reload(model, fetching(model, run, 'ONE'))).toBe(false);
    expect(sources(model)).toEqual(['ONE']);
  });

  test('a notebook that cannot be loaded again stays as it is', async () => {
    const model = loaded('one');
    const revert = () => Promise.reject(new Error('The disk is gone.'));
    await expect(reload(model, revert)).rejects.toThrow('The disk is gone.');
    expect(sources(model)).toEqual(['one']);
  });
});
