import type { ICodeCellModel } from '@jupyterlab/cells';
import type { IOutput } from '@jupyterlab/nbformat';
import type { IOutputAreaModel } from '@jupyterlab/outputarea';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { runCell } from '../../src/executor/run';
import { Stamps } from '../../src/executor/stamps';
import { versionOf } from '../../src/executor/version';
import type { Output } from '../../src/protocol';
import { inEachFormat, loaded } from '../fakes/notebook';

const printed = (text: string, name = 'stdout') => ({ output_type: 'stream', name, text });
const raised = (ename: string) => ({ output_type: 'error', ename, evalue: '', traceback: [] });
const drawn = (data: Record<string, string>) => ({
  output_type: 'display_data',
  data,
  metadata: {}
});

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A notebook whose kernel does what the test says, in the cell's own model. */
function place(kernel: (cell: ICodeCellModel) => Promise<boolean> | boolean, hasKernel = true) {
  const notebook = loaded('print(1)', 'other');
  const told: Output[] = [];
  const stamps = new Stamps();
  const execute = vi.fn(async (cell: ICodeCellModel) => kernel(cell));
  const run = (cellId = 'c1', expected: string | null = null) =>
    runCell({ notebook, hasKernel, execute }, cellId, 'e1', expected, stamps, output =>
      told.push(output)
    );
  const json = () => stamps.in({ cells: [{ id: 'c1', metadata: {} }] });
  const stamp = () => (json().cells[0]!.metadata as { copilot?: unknown }).copilot;
  return { notebook, told, execute, run, stamp };
}

/** Leaves these outputs, and says whether it came to the end without an error. */
function leaving(outputs: object[], ran = true) {
  return (cell: ICodeCellModel) => {
    cell.sharedModel.setOutputs(outputs as IOutput[]);
    cell.executionCount = 7;
    return ran;
  };
}

inEachFormat(() => {
  describe('a run', () => {
    test('reports the outputs and the count, and leaves its stamp', async () => {
      const { run, stamp } = place(leaving([printed('1\n')]));
      expect(await run()).toMatchObject({
        status: 'ok',
        execution_count: 7,
        outputs: [{ output_type: 'stream', text: '1\n' }]
      });
      expect(stamp()).toEqual({ exec_id: 'e1', state: 'ok' });
    });

    test('is stamped as running before the kernel is asked', async () => {
      const seen: unknown[] = [];
      const { run, stamp } = place(() => {
        seen.push(stamp());
        return true;
      });
      await run();
      expect(seen).toEqual([{ exec_id: 'e1', state: 'running' }]);
    });

    test.each([
      ['error', 'ZeroDivisionError'],
      ['interrupted', 'KeyboardInterrupt']
    ])('that ends with an exception is reported as %s', async (status, name) => {
      const { run, stamp } = place(leaving([printed('1'), raised(name)], false));
      expect((await run()).status).toBe(status);
      expect(stamp()).toEqual({ exec_id: 'e1', state: status });
    });

    test('whose kernel went away is no success', async () => {
      const { run } = place(leaving([printed('half')], false));
      expect(await run()).toMatchObject({ status: 'error', code: 'kernel' });
    });

    test('that could not be asked for rejects, and is followed no further', async () => {
      const { notebook, run, told } = place(() => Promise.reject(new Error('No session.')));
      await expect(run()).rejects.toThrow('No session.');
      leaving([printed('later')])(notebook.cells.get(0) as ICodeCellModel);
      await vi.advanceTimersByTimeAsync(1000);
      expect(told).toEqual([]);
    });
  });

  describe('nothing is run', () => {
    test('when the cell is not as the agent read it', async () => {
      const { run, execute } = place(() => true);
      expect(await run('c1', versionOf('old', 'code'))).toEqual({
        status: 'stale',
        cells: { c1: versionOf('print(1)', 'code') }
      });
      expect(execute).not.toHaveBeenCalled();
      expect((await run('c1', versionOf('print(1)', 'code'))).status).toBe('ok');
    });

    test.each([
      ['there is no such cell', 'gone'],
      ['the cell is no code', 'text']
    ])('when %s', async (_, id) => {
      const { notebook, run, execute } = place(() => true);
      notebook.sharedModel.insertCell(0, { id: 'text', cell_type: 'markdown', source: '' });
      expect(await run(id)).toMatchObject({ code: 'cell_not_found', cell_id: id });
      expect(execute).not.toHaveBeenCalled();
    });

    test('without a kernel', async () => {
      const { run, execute, stamp } = place(() => true, false);
      expect(await run()).toMatchObject({ code: 'kernel', hint: 'Choose a kernel for it.' });
      expect(execute).not.toHaveBeenCalled();
      expect(stamp()).toBeUndefined();
    });
  });

  describe('while a cell runs, people are told', () => {
    /** Runs a cell whose kernel does this in turn, a while apart. */
    async function running(...steps: ((outputs: IOutputAreaModel) => void)[]) {
      const { run, told } = place(async cell => {
        for (const step of steps) {
          step(cell.outputs);
          await new Promise(resolve => setTimeout(resolve, 400));
        }
        return true;
      });
      const ran = run();
      await vi.advanceTimersByTimeAsync(400 * steps.length);
      await ran;
      return told.map(({ kind, text }) => [kind, text]);
    }

    const print = (text: string, name?: string) => (outputs: IOutputAreaModel) =>
      void outputs.add(printed(text, name));

    test('what is new, each piece once', async () => {
      const warned = print('!', 'stderr');
      expect(await running(print('a'), print('b'), warned, () => undefined, print('c'))).toEqual([
        ['stdout', 'a'],
        ['stdout', 'b'],
        ['stderr', '!'],
        ['stdout', 'c']
      ]);
    });

    test('that it was cleared, and what follows from the beginning', async () => {
      const again = (outputs: IOutputAreaModel) => {
        outputs.clear();
        outputs.add(printed('99%'));
      };
      expect(await running(print('10%'), again, () => undefined)).toEqual([
        ['stdout', '10%'],
        ['clear', ''],
        ['stdout', '99%']
      ]);
    });
  });

  describe('pictures', () => {
    test('are told at the end, with their base64 in one line', async () => {
      const { run, told } = place(leaving([drawn({ 'image/png': 'AA\nBB', 'text/plain': 'fig' })]));
      await run();
      expect(told).toEqual([
        {
          kind: 'image',
          text: '',
          image: { mime: 'image/png', data: 'AABB', name: '', digest: '', bytes: 0 },
          cell_id: 'c1'
        }
      ]);
    });

    test('that are too large for a report are in the notebook only', async () => {
      const { run, told } = place(leaving([drawn({ 'image/png': 'A'.repeat(600_001) })]));
      expect((await run()).status).toBe('ok');
      expect(told).toEqual([]);
    });
  });
});
