import type { ISharedCodeCell } from '@jupyter/ydoc';
import { describe, expect, test, vi } from 'vitest';

import type { Change, Operation } from '../../src/protocol';
import { perform } from '../../src/executor/perform';
import { readingOf } from '../../src/executor/reading';
import { Stamps } from '../../src/executor/stamps';
import { versionOf } from '../../src/executor/version';
import type { FrontEndTool } from '../../src/tokens';
import { inEachFormat } from '../fakes/notebook';
import { Page } from '../fakes/page';

async function tab(tool?: FrontEndTool) {
  const page = new Page();
  const { panel, model } = await page.open('a.ipynb', ['one']);
  const save = vi.fn(async () => undefined);
  Object.assign(panel.context, { save });
  const kernel = { interrupt: vi.fn(async () => undefined), restart: vi.fn(async () => undefined) };
  const connect = () => Object.assign(panel.sessionContext, { session: { kernel } });
  const told = vi.fn();
  const stamps = new Stamps();
  const does = (operation: Operation) => perform(panel, operation, () => tool, stamps, told);
  return { panel, model, save, kernel, connect, does, stamps };
}

const edit = (expected: string): Operation => ({
  type: 'apply',
  exec_id: 'e1',
  changes: [{ type: 'set_source', cell_id: 'c1', expected, source: 'ONE' }]
});

inEachFormat(() => {
  describe('changes', () => {
    test('are made and saved', async () => {
      const { model, save, does } = await tab();
      expect(await does(edit(versionOf('one', 'code')))).toEqual({ status: 'ok' });
      expect(model.cells.get(0).sharedModel.getSource()).toBe('ONE');
      expect(save).toHaveBeenCalledOnce();
    });

    test('that do not fit are reported, and nothing is saved', async () => {
      const { save, does } = await tab();
      expect((await does(edit('old'))).status).toBe('stale');
      expect(save).not.toHaveBeenCalled();
    });

    test('are made also when they cannot be saved, which JupyterLab tells', async () => {
      const { save, does } = await tab();
      save.mockRejectedValue(new Error('The disk is full.'));
      expect(await does(edit(versionOf('one', 'code')))).toEqual({ status: 'ok' });
    });
  });

  test('a question that JupyterLab asks before it saves does not hold up the report', async () => {
    const { save, does } = await tab();
    save.mockReturnValue(new Promise(() => undefined));
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const done = does(edit(versionOf('one', 'code')));
      await vi.advanceTimersByTimeAsync(5000);
      expect(await done).toEqual({ status: 'ok' });
    } finally {
      vi.useRealTimers();
    }
  });

  test.each<Operation>([
    edit(versionOf('one', 'code')),
    { type: 'run', cell_id: 'c1', exec_id: 'e1', expected: null }
  ])('a tab that no longer shows the notebook says so: $type', async operation => {
    const { panel, does } = await tab();
    Object.assign(panel, { model: null });
    expect(await does(operation)).toMatchObject({ status: 'error', code: 'notebook_missing' });
    expect(() => readingOf(panel, new Stamps())).toThrow('no longer shows the notebook');
  });

  test('the kernel is interrupted, and restarted', async () => {
    const { kernel, connect, does } = await tab();
    expect(await does({ type: 'restart' })).toMatchObject({ status: 'error', code: 'kernel' });
    connect();
    expect(await does({ type: 'restart' })).toEqual({ status: 'ok' });
    expect(await does({ type: 'interrupt' })).toEqual({ status: 'ok' });
    expect(kernel.restart).toHaveBeenCalledOnce();
    expect(kernel.interrupt).toHaveBeenCalledOnce();
  });

  test('a page that was just opened waits for its kernel', async () => {
    const { panel, kernel, connect, does } = await tab();
    Object.assign(panel.sessionContext, { initialize: async () => connect() });
    expect(await does({ type: 'restart' })).toEqual({ status: 'ok' });
    expect(kernel.restart).toHaveBeenCalledOnce();
  });

  test.each<Operation>([
    { type: 'restart' },
    { type: 'run', cell_id: 'c1', exec_id: 'e1', expected: null }
  ])('a page whose kernel never comes says so after a while: $type', async operation => {
    const { panel, does } = await tab();
    Object.assign(panel.sessionContext, { initialize: () => new Promise(() => undefined) });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const done = does(operation);
      await vi.advanceTimersByTimeAsync(120_000);
      expect(await done).toMatchObject({
        code: 'kernel',
        message: 'The notebook has no kernel.'
      });
    } finally {
      vi.useRealTimers();
    }
  });

  describe('a tool', () => {
    const command: Operation = { type: 'command', name: 'fold', args: { all: true } };

    test('is given its arguments and the notebook, and its value is reported', async () => {
      const fold = vi.fn(async () => ({ cells: 2 }));
      const { panel, does } = await tab({ name: 'fold', perform: fold });
      expect(await does(command)).toEqual({ status: 'ok', value: { cells: 2 } });
      expect(fold).toHaveBeenCalledWith({ all: true }, panel);
    });

    test('without a value is reported as done', async () => {
      const { does } = await tab({ name: 'fold', perform: async () => undefined });
      expect(await does(command)).toEqual({ status: 'ok' });
    });

    test('that the page does not have is reported by its name', async () => {
      const { does } = await tab();
      expect(await does(command)).toMatchObject({
        code: 'unknown_command',
        message: 'This page cannot do “fold”.'
      });
    });
  });

  test('the notebook is told as this tab shows it, unsaved changes included', async () => {
    const { panel, model } = await tab();
    model.cells.get(0).sharedModel.setSource('unsaved');
    expect(readingOf(panel, new Stamps()).json()).toMatchObject({
      cells: [{ id: 'c1', source: 'unsaved' }]
    });
  });

  test('what a call did is told to the server, and the notebook is not marked with it', async () => {
    const { panel, model, does, stamps } = await tab();
    await does(edit(versionOf('one', 'code')));
    const stamp = { exec_id: 'e1' };
    expect(readingOf(panel, stamps).json()).toMatchObject({
      cells: [{ metadata: { copilot: stamp } }]
    });
    expect(JSON.stringify(model.toJSON())).not.toContain('copilot');
    const expected = versionOf('ONE', 'code');
    const changes: Change[] = [{ type: 'delete_cell', cell_id: 'c1', expected }];
    await does({ type: 'apply', exec_id: 'e2', changes });
    expect(readingOf(panel, stamps).json()).toMatchObject({
      metadata: { copilot: { exec_id: 'e2' } }
    });
    expect(JSON.stringify(model.toJSON())).not.toContain('copilot');
  });

  test('each change of the notebook makes another revision, of whatever it is', async () => {
    const { panel, model, stamps } = await tab();
    const revision = () => readingOf(panel, stamps).revision;
    const seen = [revision()];
    expect(revision()).toBe(seen[0]);
    const cell = model.cells.get(0).sharedModel as ISharedCodeCell;
    const changes = [
      () => cell.setSource('other'),
      () => cell.setMetadata('copilot', { exec_id: 'e1' }),
      () => cell.setOutputs([{ output_type: 'stream', name: 'stdout', text: 'a' }]),
      () => model.sharedModel.setMetadata('copilot', { exec_id: 'e2' }),
      () => model.sharedModel.insertCell(0, { cell_type: 'markdown', source: '' }),
      () => model.sharedModel.deleteCell(0),
      () => stamps.set('c1', 'e3')
    ];
    for (const change of changes) {
      change();
      seen.push(revision());
    }
    expect(new Set(seen).size).toBe(changes.length + 1);
  });
});
