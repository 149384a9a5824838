import { nullTranslator } from '@jupyterlab/translation';
import { expect, test, vi } from 'vitest';

import { nameCells } from '../../../src/executor/cell-ids';
import { marks } from '../../../src/plugins/cells/marks';
import type { PreferenceValues } from '../../../src/model/preferences';
import type { Confirmation } from '../../../src/protocol';
import { ALICE, NOW, Scene } from '../../../gallery/fixtures';
import { Page } from '../../fakes/page';

function sceneWith(call: Record<string, unknown>, confirmation?: Partial<Confirmation>) {
  const cells = [{ action: 'run', cell_id: 'c2', ...(call.cell as object) }];
  return new Scene()
    .say(ALICE, NOW, 'x')
    .call('Run cell 2', NOW, { effect: 'execute', cells, claim: null, ...call }, confirmation)
    .state();
}

const RUNNING = sceneWith({ status: 'started' });

async function tab(state = RUNNING) {
  const page = new Page();
  const panel = { compose: vi.fn(), review: vi.fn((_id?: string) => true) };
  const opened = await page.open('a.ipynb', ['one', 'two']);
  void marks.activate(page.app, page.rooms, panel, nullTranslator);
  await page.show(opened, state);
  const badges = () =>
    opened.content.widgets.map(
      cell => cell.node.querySelector('.jp-Copilot-cellBadge')?.textContent ?? null
    );
  const badge = () =>
    opened.content.widgets[1]!.node.querySelector<HTMLElement>('.jp-Copilot-cellBadge')!;
  return { page, panel, opened, badges, badge };
}

test.each<[string, ReturnType<typeof sceneWith>]>([
  ['Copilot runs this · requested by Alice', RUNNING],
  ['Copilot edits this · requested by Alice', sceneWith({ status: 'started', effect: 'edit' })],
  ['Copilot wants to run this · requested by Alice', sceneWith({ status: 'proposed' }, {})],
  [
    'Copilot wants to change this · requested by Alice',
    sceneWith({ status: 'proposed', cell: { action: 'edit' } }, {})
  ]
])('a cell says “%s”, and the other nothing', async (words, state) => {
  const { badges, opened } = await tab(state);
  expect(badges()).toEqual([null, words]);
  expect(opened.content.widgets[1]!.hasClass('jp-Copilot-markedCell')).toBe(true);
});

test('the mark goes when the call is over', async () => {
  const { page, opened, badges } = await tab();
  await page.show(opened, sceneWith({ status: 'finished' }));
  expect(badges()).toEqual([null, null]);
  expect(opened.content.widgets[1]!.hasClass('jp-Copilot-markedCell')).toBe(false);
});

test('nothing is marked for those who want no marks', async () => {
  const { page, badges } = await tab();
  const values: PreferenceValues = { ...page.preferences.values, cellMarks: false };
  page.preferences.follow({ composite: values, changed: { connect: () => true } } as never);
  expect(badges()).toEqual([null, null]);
});

test('a mark stays the same button while nothing changes, so that it keeps its focus', async () => {
  const { page, opened, badge } = await tab();
  const before = badge();
  await page.show(opened, RUNNING);
  expect(badge()).toBe(before);
});

test('a click leads to the decision that waits, or else to the panel', async () => {
  const waiting = await tab(sceneWith({ status: 'proposed' }, {}));
  waiting.badge().click();
  expect(waiting.panel.review).toHaveBeenCalledWith(expect.any(String));
  expect(waiting.panel.compose).not.toHaveBeenCalled();
  const running = await tab();
  running.badge().click();
  expect(running.panel.compose).toHaveBeenCalledOnce();
});

test('a cell is marked that gets its name after the call began', async () => {
  const { page, opened, badges } = await tab();
  const { cells } = page.rooms.of(opened.panel)!;
  const { sharedModel } = opened.model;
  nameCells(sharedModel, sharedModel.cells, ['c2', 'other']);
  cells.tell();
  expect(badges()).toEqual(['Copilot runs this · requested by Alice', null]);
});
