import type { ISharedCodeCell } from '@jupyter/ydoc';
import { describe, expect, test } from 'vitest';

import { UnsavedChanges } from '../../src/notebook/unsaved';
import { contentOf, describeKernel, loaded } from '../fakes/notebook';

const PRINTED = { output_type: 'stream' as const, name: 'stdout' as const, text: '1' };

function tab() {
  const model = loaded('a = 1', 'b = 2');
  const unsaved = new UnsavedChanges(model);
  const told: boolean[] = [];
  unsaved.changed.connect(() => told.push(unsaved.any));
  return { model, unsaved, told };
}

describe('a notebook has no unsaved changes', () => {
  test('when it was just loaded', () => {
    expect(tab().unsaved.any).toBe(false);
  });

  test('when only its kernel told what it is', () => {
    const { model, unsaved, told } = tab();
    describeKernel(model);
    expect(model.dirty).toBe(true);
    expect(unsaved.any).toBe(false);
    expect(told).toEqual([]);
  });

  test('after it was saved', () => {
    const { model, unsaved, told } = tab();
    model.cells.get(0).sharedModel.setSource('a = 2');
    model.dirty = false;
    describeKernel(model);
    expect(unsaved.any).toBe(false);
    expect(told).toEqual([true, false]);
  });

  test('after it was loaded anew', () => {
    const { model, unsaved } = tab();
    model.cells.get(0).sharedModel.setSource('a = 2');
    model.fromJSON(contentOf('a = 3'));
    describeKernel(model);
    expect(unsaved.any).toBe(false);
  });
});

describe('a notebook has unsaved changes', () => {
  test.each<[string, (model: ReturnType<typeof loaded>) => void]>([
    ['a cell was written', model => model.cells.get(1).sharedModel.setSource('b = 3')],
    ['a cell was deleted', model => model.sharedModel.deleteCell(0)],
    ['a cell was moved', model => model.sharedModel.moveCell(0, 1)],
    [
      'a cell ran',
      model => (model.cells.get(0).sharedModel as ISharedCodeCell).setOutputs([PRINTED])
    ],
    ['a cell was tagged', model => model.cells.get(0).setMetadata('tags', ['x'])],
    ['the notebook was given a title', model => model.setMetadata('title', 'Prices')]
  ])('when %s', (_, change) => {
    const { model, unsaved, told } = tab();
    describeKernel(model);
    change(model);
    expect(unsaved.any).toBe(true);
    expect(told).toEqual([true]);
  });

  test('when a cell was written that was added after it was loaded anew', () => {
    const { model, unsaved } = tab();
    model.fromJSON(contentOf('a = 3', 'b = 4', 'c = 5'));
    expect(unsaved.any).toBe(false);
    model.cells.get(2).sharedModel.setSource('c = 6');
    expect(unsaved.any).toBe(true);
  });
});
