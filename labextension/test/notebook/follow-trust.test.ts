import type { ICodeCellModel } from '@jupyterlab/cells';
import { YCodeCell } from '@jupyter/ydoc';
import { expect, test } from 'vitest';

import { followTrust } from '../../src/notebook/follow-trust';
import { loaded } from '../fakes/notebook';

const HTML = {
  output_type: 'display_data' as const,
  data: { 'text/html': '<b>x</b>' },
  metadata: {}
};

function cellOf(model: ReturnType<typeof loaded>, index: number) {
  const cell = model.cells.get(index) as ICodeCellModel;
  return { cell, shared: cell.sharedModel as YCodeCell };
}

/** Begin a run as the server does where the document is shared. */
function beginApprovedRun(shared: YCodeCell): void {
  shared.transact(() => {
    shared.setOutputs([]);
    shared.setMetadata('trusted', true);
  });
}

test('outputs of a run that people approved are shown in full', () => {
  const model = loaded('a');
  const { cell, shared } = cellOf(model, 0);
  expect(cell.outputs.trusted).toBe(false);
  followTrust(model);
  beginApprovedRun(shared);
  shared.setOutputs([HTML]);
  expect(cell.outputs.get(0).trusted).toBe(true);
});

test('outputs from before are never trusted by it', () => {
  const model = loaded('a');
  const { cell, shared } = cellOf(model, 0);
  followTrust(model);
  shared.setOutputs([HTML]);
  shared.setMetadata('trusted', true);
  expect(cell.outputs.trusted).toBe(false);
  expect(cell.outputs.get(0).trusted).toBe(false);
});

test('nor are those of cells that nobody approved', () => {
  const model = loaded('a');
  const { cell, shared } = cellOf(model, 0);
  followTrust(model);
  shared.setMetadata('tags', ['trusted']);
  shared.setOutputs([HTML]);
  expect(cell.outputs.get(0).trusted).toBe(false);
});

test('cells that came later are followed too, and nothing is written', () => {
  const model = loaded('a');
  followTrust(model);
  model.sharedModel.insertCell(1, { cell_type: 'code', source: 'b', metadata: {} });
  const { cell, shared } = cellOf(model, 1);
  beginApprovedRun(shared);
  const written: unknown[] = [];
  shared.ymodel.doc!.on('update', () => written.push('update'));
  shared.setMetadata('copilot', { exec_id: 'e' });
  expect(cell.outputs.trusted).toBe(true);
  expect(written).toHaveLength(1);
});
