import type { IStatusBar } from '@jupyterlab/statusbar';
import { nullTranslator } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import { afterEach, expect, test, vi } from 'vitest';

import { status } from '../../src/plugins/status';
import { ALICE, NOW, Scene } from '../../gallery/fixtures';
import { Page } from '../fakes/page';

afterEach(() => document.body.replaceChildren());

function page() {
  const made = new Page();
  const panel = { compose: vi.fn(), review: vi.fn(() => false) };
  const items: IStatusBar.IItem[] = [];
  const bar = { registerStatusItem: (_id: string, item: IStatusBar.IItem) => items.push(item) };
  void status.activate(made.app, made.rooms, panel, bar, nullTranslator);
  const [item] = items;
  Widget.attach(item!.item, document.body);
  const words = () => vi.waitFor(() => item!.item.node.textContent || Promise.reject(new Error()));
  return { made, panel, item: item!, words };
}

const scene = () => new Scene().say(ALICE, NOW, 'x');

test.each([
  ['Copilot: ready', scene().state(), { status: 'finished', outcome: 'success' }],
  ['Copilot: at work', scene().state(), {}],
  [
    'Copilot: 1 decision waits',
    scene().call('Edit', NOW, { status: 'proposed', effect: 'edit' }, {}).state(),
    {}
  ]
])('it says “%s”', async (expected, state, run) => {
  const { made, item, words } = page();
  Object.values(state.runs).forEach(each => Object.assign(each, run));
  const changed = vi.fn();
  item.activeStateChanged!.connect(changed);
  expect(item.isActive!()).toBe(false);
  await made.open('a.ipynb', ['1'], state);
  expect(item.isActive!()).toBe(true);
  expect(changed).toHaveBeenCalled();
  await vi.waitFor(async () => expect(await words()).toBe(expected));
});

test('a click leads to what waits, or else to the panel', async () => {
  const { made, panel, item, words } = page();
  await made.open('a.ipynb', ['1'], scene().state());
  await words();
  item.item.node.querySelector('button')!.click();
  expect(panel.review).toHaveBeenCalledOnce();
  expect(panel.compose).toHaveBeenCalledOnce();
});
