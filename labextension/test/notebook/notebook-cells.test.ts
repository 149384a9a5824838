import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, test } from 'vitest';

import { cellMarks } from '../../src/notebook/cell-marks';
import { fittingExamples } from '../../src/notebook/examples';
import type { CellDiff } from '../../src/protocol';
import { ALICE, BOB, NOW, Scene } from '../../gallery/fixtures';

const trans = nullTranslator.load('jupyterlab');

function cell(source: string, outputs: string[] = [], type = 'code') {
  return {
    type,
    sharedModel: { getSource: () => source },
    outputs: { length: outputs.length, get: (i: number) => ({ type: outputs[i] }) }
  } as never;
}

const diff = (action: CellDiff['action'], cell_id: string): CellDiff => ({
  action,
  cell_id,
  cell_type: 'code',
  label: '',
  before: '',
  after: '',
  above: null,
  above_after: null,
  type_before: null
});

describe('examples', () => {
  test('speak of the error and of the data that the notebook has', () => {
    const cells = [
      cell('# Title', [], 'markdown'),
      cell('df = pd.read_csv("a.csv")'),
      cell('df["x"]', ['stream', 'error'])
    ];
    expect(fittingExamples(cells, trans)).toEqual([
      'Explain what this notebook does',
      'Fix the error in cell 3',
      'Plot the columns of `df`'
    ]);
  });

  test('help to begin where there is nothing yet', () => {
    const examples = fittingExamples([cell('')], trans);
    expect(examples).toHaveLength(3);
    expect(examples[0]).toContain('Load a CSV file');
  });
});

describe('the marks of cells', () => {
  test('say what the agent does there, and who asked for it', () => {
    const state = new Scene()
      .say(ALICE, NOW, 'x')
      .call('Run cell 1', NOW, { status: 'started', effect: 'execute', cells: [diff('run', 'a')] })
      .say(BOB, NOW, 'y')
      .call(
        'Edit cell 2',
        NOW,
        { status: 'proposed', effect: 'edit', cells: [diff('edit', 'b')] },
        {}
      )
      .call(
        'Run cell 3',
        NOW,
        { status: 'proposed', effect: 'execute', cells: [diff('run', 'c')] },
        {}
      )
      .state();
    expect(Object.fromEntries(cellMarks(state))).toEqual({
      a: { doing: 'running', askedBy: 'Alice', confirmationId: null },
      b: { doing: 'wants_edit', askedBy: 'Bob', confirmationId: 'c4.q' },
      c: { doing: 'wants_run', askedBy: 'Bob', confirmationId: 'c5.q' }
    });
  });

  test('go once it is done', () => {
    const state = new Scene()
      .say(ALICE, NOW, 'x')
      .call('Edit cell 1', NOW, { effect: 'edit', cells: [diff('edit', 'a')] })
      .state();
    expect(cellMarks(state).size).toBe(0);
  });
});
