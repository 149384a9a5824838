import { nullTranslator } from '@jupyterlab/translation';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { ChangedCells } from '../../src/after/changed-cells';
import { changedCells, newsOf } from '../../src/view-model/review/changed-cells';
import { provenanceWords } from '../../src/after/stripe';
import { ALICE, BOB, chosen, NOW, Scene } from '../../gallery/fixtures';
import { Page } from '../fakes/page';

const trans = nullTranslator.load('jupyterlab');

/** What is watched for being in sight; the test says when it is. */
class Sight {
  static all: Sight[] = [];
  readonly nodes = new Set<Element>();
  constructor(private readonly tell: (entries: object[]) => void) {
    Sight.all.push(this);
  }
  observe(node: Element) {
    this.nodes.add(node);
  }
  unobserve(node: Element) {
    this.nodes.delete(node);
  }
  disconnect() {
    this.nodes.clear();
  }
  static show(node: Element, isIntersecting = true) {
    for (const each of Sight.all.filter(({ nodes }) => nodes.has(node))) {
      each.tell([{ target: node, isIntersecting }]);
    }
  }
}

beforeEach(() => {
  localStorage.clear();
  Sight.all = [];
  vi.stubGlobal('IntersectionObserver', Sight);
  vi.stubGlobal('requestAnimationFrame', (draw: () => void) => draw());
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function scene(call: object = {}, decided: object | null = chosen(BOB, 'approve', NOW)) {
  const cells = [{ action: 'edit', cell_id: 'c2', label: 'cell 2', before: 'two', after: '2' }];
  const all = { effect: 'edit', cells, finished_at: NOW, undone: null, denied: false, ...call };
  return new Scene()
    .say(ALICE, NOW, 'x')
    .call('Edit cell 2', NOW, all as never, decided ?? undefined)
    .state();
}

async function tab(state = scene(), since = 0) {
  const page = new Page();
  const opened = await page.open('a.ipynb', ['one', 'two']);
  const made = new ChangedCells(page.rooms.of(opened.panel)!, trans, since, vi.fn());
  await page.show(opened, state);
  const [, cell] = opened.content.widgets;
  return { page, opened, made, node: cell!.node };
}

test('a cell that an agent changed for somebody is known with who approved it', () => {
  const change = changedCells(scene()).get('c2')!;
  expect(change.askedBy).toEqual(ALICE);
  expect(newsOf(change, ALICE)).toBe('new');
  expect(newsOf(change, BOB)).toBe(null);
  expect(provenanceWords(change, NOW, trans)).toMatch(
    /^Edited by Copilot for Alice, approved by Bob, /
  );
});

test('what nobody was asked about is unreviewed, also for who asked for it', () => {
  const change = changedCells(scene({}, null)).get('c2')!;
  expect(newsOf(change, ALICE)).toBe('unreviewed');
  expect(provenanceWords(change, NOW, trans)).toContain('without asking');
});

test.each([
  ['was undone', { undone: { by: BOB, at: NOW, outputs: 'kept' } }],
  ['failed', { is_error: true }],
  ['was denied', { denied: true }],
  ['goes on', { status: 'started' }]
])('a change that %s marks nothing', (_, call) => {
  expect(changedCells(scene(call)).size).toBe(0);
});

test('a changed cell keeps a stripe until the person says that they reviewed it', async () => {
  const { node, made, page, opened } = await tab(scene({}, null));
  expect(node.dataset.copilotNews).toBe('unreviewed');
  Sight.show(node);
  const [, reviewed] = node.querySelectorAll<HTMLElement>('.jp-Copilot-provenance button');
  expect(made.count).toBe(1);
  reviewed!.click();
  expect(node.classList.contains('jp-Copilot-changedCell')).toBe(false);
  expect(node.querySelector('.jp-Copilot-provenance')?.textContent).toContain('for Alice');
  expect(made.count).toBe(0);
  const again = new ChangedCells(page.rooms.of(opened.panel)!, trans, 0, vi.fn());
  expect(again.count).toBe(0);
});

test('what somebody else approved is looked at once it was in sight for three seconds', async () => {
  const { node, made } = await tab();
  vi.useFakeTimers();
  Sight.show(node);
  vi.advanceTimersByTime(2900);
  Sight.show(node, false);
  vi.advanceTimersByTime(5000);
  expect(made.count).toBe(1);
  Sight.show(node);
  vi.advanceTimersByTime(3000);
  expect(made.count).toBe(0);
});

test('all can be said to be reviewed at once', async () => {
  const { node, made } = await tab(scene({}, null));
  made.reviewAll();
  expect(node.classList.contains('jp-Copilot-changedCell')).toBe(false);
});

test('a change pulses once when it comes, and none that was there before', async () => {
  const later = await tab(scene(), NOW + 1);
  expect(later.node.classList.contains('jp-Copilot-pulse')).toBe(false);
  const { node, page, opened } = await tab(scene(), NOW);
  expect(node.classList.contains('jp-Copilot-pulse')).toBe(true);
  node.classList.remove('jp-Copilot-pulse');
  await page.show(opened, scene());
  expect(node.classList.contains('jp-Copilot-pulse')).toBe(false);
});

test('who approved it is led there, but only told of it while they write', async () => {
  const { page, opened } = await tab(new Scene().say(ALICE, NOW, 'x').state());
  const notebook = page.rooms.of(opened.panel)!;
  const reveal = vi.spyOn(notebook.cells, 'reveal').mockResolvedValue();
  const own = { ...BOB, client_id: notebook.room.model.clientId };
  const after = (id: string, started_at: number) =>
    scene({ call_id: id, finished_at: NOW, started_at }, chosen(own, 'approve', NOW));
  await page.show(opened, after('one', notebook.room.model.now()));
  expect(reveal).toHaveBeenCalledOnce();
  document.dispatchEvent(new KeyboardEvent('keydown', { key: 'x' }));
  await page.show(opened, after('two', notebook.room.model.now()));
  expect(reveal).toHaveBeenCalledOnce();
  const pill = opened.panel.node.querySelector<HTMLElement>('.jp-Copilot-pill')!;
  expect(pill.textContent).toContain('cell 2 two changed');
  pill.click();
  expect(reveal).toHaveBeenCalledTimes(2);
});
