import type { CodeCell } from '@jupyterlab/cells';
import type { ISharedCodeCell } from '@jupyter/ydoc';
import { nullTranslator } from '@jupyterlab/translation';
import { expect, test } from 'vitest';

import { CommandIDs } from '../../src/page/command-ids';
import { errors } from '../../src/plugins/errors';
import type { PreferenceValues } from '../../src/model/preferences';
import { settled } from '../fakes/world';
import { Page } from '../fakes/page';

const ERROR = { output_type: 'error' as const, ename: 'KeyError', evalue: 'x', traceback: [] };
const PRINTED = { output_type: 'stream' as const, name: 'stdout' as const, text: 'fine' };

async function tab(preferences: Partial<PreferenceValues> = {}) {
  const page = new Page();
  const prefer = (values: Partial<PreferenceValues>) => {
    const composite = { ...page.preferences.values, ...values };
    page.preferences.follow({ composite, changed: { connect: () => true } } as never);
  };
  prefer(preferences);
  const opened = await page.open('a.ipynb', ['one', 'two']);
  const ran: [string, string][] = [];
  for (const id of [CommandIDs.explainError, CommandIDs.fixError]) {
    page.commands.addCommand(id, {
      execute: () => ran.push([id, opened.content.activeCell!.model.id])
    });
  }
  void errors.activate(page.app, page.rooms, nullTranslator);
  await settled();
  const { content, model } = opened;
  const output = (index: number, value: typeof ERROR | typeof PRINTED) =>
    (model.cells.get(index).sharedModel as ISharedCodeCell).setOutputs([value]);
  const buttons = (index: number) => {
    const { outputArea } = content.widgets[index] as CodeCell;
    return [...outputArea.node.querySelectorAll<HTMLElement>('.jp-Copilot-errorBar button')];
  };
  return { ...opened, ran, output, buttons, prefer };
}

const words = (buttons: HTMLElement[]) => buttons.map(button => button.textContent);

test('buttons stand below an error, and below nothing else', async () => {
  const { output, buttons } = await tab();
  output(0, PRINTED);
  output(1, ERROR);
  expect(words(buttons(0))).toEqual([]);
  expect(words(buttons(1))).toEqual(['Explain', 'Fix']);
});

test('they go with the error', async () => {
  const { output, buttons } = await tab();
  output(1, ERROR);
  output(1, PRINTED);
  expect(buttons(1)).toEqual([]);
});

test('they speak of the cell below which they stand, whichever is active', async () => {
  const { output, buttons, ran, content } = await tab();
  output(1, ERROR);
  content.activeCellIndex = 0;
  buttons(1).forEach(button => button.click());
  expect(ran).toEqual([
    [CommandIDs.explainError, 'c2'],
    [CommandIDs.fixError, 'c2']
  ]);
});

test('cells that are added later have them, too', async () => {
  const { model, output, buttons } = await tab();
  model.sharedModel.insertCell(2, { cell_type: 'code', source: 'x', metadata: {} });
  await settled();
  output(2, ERROR);
  expect(words(buttons(2))).toEqual(['Explain', 'Fix']);
});

test('nobody has them who does not want them', async () => {
  const { output, buttons } = await tab({ errorButtons: false });
  output(1, ERROR);
  expect(buttons(1)).toEqual([]);
});

test('whoever turns them off or on sees that at once', async () => {
  const { output, buttons, prefer } = await tab();
  output(1, ERROR);
  prefer({ errorButtons: false });
  expect(buttons(1)).toEqual([]);
  prefer({ errorButtons: true });
  expect(words(buttons(1))).toEqual(['Explain', 'Fix']);
});
