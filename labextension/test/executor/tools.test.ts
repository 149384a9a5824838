import { Notification } from '@jupyterlab/apputils';
import type { CodeCell } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { describe, expect, test, vi } from 'vitest';

import { tools } from '../../src/plugins/tools';
import { Page } from '../fakes/page';

const CALL = { max_width: 100, max_height: 100 };

/** A page with the plugin's tools, and a notebook in which the agent works. */
async function page(allowedCommands: string[] = []) {
  const made = new Page();
  const composite = { ...made.preferences.values, allowedCommands };
  made.preferences.follow({ composite, changed: { connect: () => true } } as never);
  const { panel, content, model } = await made.open('a.ipynb', ['one', 'two']);
  void tools.activate(made.app, made.rooms, null);
  const call = (name: string, args: object, notebook: NotebookPanel = panel) =>
    made.rooms.tool(name)!.perform({ ...args }, notebook);
  return { made, panel, content, model, call };
}

describe('opening a file', () => {
  test('is JupyterLab’s own command', async () => {
    const { made, call } = await page();
    const open = vi.fn();
    made.commands.addCommand('docmanager:open', { execute: open });
    expect(await call('open_file', { path: 'data/a.csv' })).toBeUndefined();
    expect(open).toHaveBeenCalledWith({ path: 'data/a.csv' });
  });

  test.each([{}, { path: '' }, { path: 7 }])('needs its path: %j', async args => {
    const { call } = await page();
    await expect(call('open_file', args)).rejects.toThrow('The argument path is missing.');
  });
});

describe('going to a cell', () => {
  test('is done in the notebook that the agent works on, whichever is looked at', async () => {
    const { made, content, panel, call } = await page();
    await made.open('b.ipynb', ['three']);
    const scroll = vi.spyOn(content, 'scrollToItem').mockResolvedValue();
    await call('go_to_cell', { cell_id: 'c2' }, panel);
    expect(scroll).toHaveBeenCalledWith(1, expect.anything());
    expect(content.widgets[1]!.hasClass('jp-Copilot-litCell')).toBe(true);
  });

  test('that is not there is refused', async () => {
    const { call } = await page();
    await expect(call('go_to_cell', { cell_id: 'gone' })).rejects.toThrow('no such cell');
  });
});

describe('a message', () => {
  test('stays until somebody closes it', async () => {
    const { call } = await page();
    await call('show_message', { text: 'Training ended.' });
    const [shown] = Notification.manager.notifications;
    expect(shown).toMatchObject({ message: 'Training ended.', options: { autoClose: false } });
    expect(shown!.options.actions).toEqual([]);
  });

  test('that is longer than a notification leads to all of it', async () => {
    const { call } = await page();
    const text = `Training ended.\n${'x'.repeat(150)} See cell 4.`;
    await call('show_message', { text });
    const [showAll] = Notification.manager.notifications[0]!.options.actions!;
    showAll!.callback(new MouseEvent('click'));
    await vi.waitFor(() => expect(document.querySelector('.jp-Dialog')).not.toBeNull());
    expect(document.querySelector('.jp-Dialog-body')!.textContent).toBe(text);
    document.querySelector<HTMLElement>('.jp-Dialog .jp-mod-accept')!.click();
    await vi.waitFor(() => expect(document.querySelector('.jp-Dialog')).toBeNull());
  });
});

describe('a command of JupyterLab', () => {
  test('is run with its arguments when the settings name it', async () => {
    const { made, call } = await page(['x:y']);
    const execute = vi.fn();
    made.commands.addCommand('x:y', { execute });
    await call('run_command', { command: 'x:y', args: { a: 1 } });
    expect(execute).toHaveBeenCalledWith({ a: 1 });
  });

  test('is refused when the settings do not name it, also when they name others', async () => {
    const { made, call } = await page(['x:y']);
    const execute = vi.fn();
    made.commands.addCommand('x:z', { execute });
    await expect(call('run_command', { command: 'x:z' })).rejects.toThrow('do not allow');
    expect(execute).not.toHaveBeenCalled();
  });

  test('that this JupyterLab does not have is told', async () => {
    const { call } = await page(['x:y']);
    await expect(call('run_command', { command: 'x:y' })).rejects.toThrow('has no command x:y');
  });
});

describe('the picture of outputs', () => {
  test.each<[string, (content: CodeCell, panel: NotebookPanel) => object | void, string]>([
    ['there is no such cell', () => ({ cell_id: 'gone' }), 'There is no such code cell here.'],
    [
      'the notebook is not in view',
      (_, panel) => void Object.assign(panel, { isVisible: false }),
      'behind another tab'
    ],
    ['the outputs are folded', cell => void (cell.outputHidden = true), 'are collapsed'],
    ['nothing is drawn', () => undefined, 'Nothing of these outputs is shown.'],
    ['the limits are missing', () => ({ max_width: 0 }), 'The argument max_width is missing.']
  ])('is refused in words when %s', async (_, make, words) => {
    const { panel, content, call } = await page();
    Object.assign(panel, { isVisible: true });
    const cell = content.widgets[0] as CodeCell;
    vi.spyOn(content, 'scrollToItem').mockResolvedValue();
    const args = { ...CALL, cell_id: 'c1', ...(make(cell, panel) ?? {}) };
    await expect(call('output_image', args)).rejects.toThrow(words);
  });
});
