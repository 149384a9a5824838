import { describe, expect, test, vi } from 'vitest';

import { Page } from '../fakes/page';

describe('the rooms of a page', () => {
  test('of notebooks that were open before are entered, too', async () => {
    const page = new Page();
    const { panel } = await page.open('a.ipynb', ['1']);
    expect(new Page(panel).rooms.of(panel)?.room.model.path).toBe('a.ipynb');
  });

  test('are left when their notebook is closed', async () => {
    const page = new Page();
    const tab = await page.open('a.ipynb', ['1']);
    const { model } = page.rooms.current!;
    tab.close();
    expect(model.isDisposed).toBe(true);
    expect(page.world.socket.closedByClient).toBe(true);
  });

  test('tell the others which notebook this person looks at', async () => {
    const page = new Page();
    await page.open('a.ipynb', ['1']);
    await page.open('b.ipynb', ['2']);
    page.world.pass(1000);
    const shown = (await page.serve()).filter(frame => frame.type === 'presence');
    expect(shown.map(frame => frame.focused)).toEqual([false, true]);
  });

  test('tell everybody who observes, whatever one of them does', async () => {
    const page = new Page();
    await page.open('a.ipynb', ['1']);
    const failed = vi.spyOn(console, 'error').mockReturnValue();
    const seen = vi.fn();
    page.rooms.observe(() => {
      throw new Error('A mistake of another extension.');
    });
    page.rooms.observe(seen);
    await page.open('b.ipynb', ['2']);
    expect(seen).toHaveBeenCalled();
    expect(failed).toHaveBeenCalled();
  });

  test('tell whoever observes of each change in any of them, until that is disposed', async () => {
    const page = new Page();
    const a = await page.open('a.ipynb', ['1']);
    const seen: string[] = [];
    const observing = page.rooms.observe(({ path, state }) => {
      seen.push(`${path} ${Object.values(state!.threads)[0]!.title}`);
    });
    const rename = (title: string) => {
      a.room.record({ type: 'thread_renamed', thread_id: 'main', title });
      page.world.socket.say(...a.room.after(a.room.state.seq - 1));
    };
    rename('Plans');
    observing.dispose();
    rename('Ideas');
    expect(seen).toEqual(['a.ipynb Plans']);
  });
});

describe('a tool of the page', () => {
  const fold = { name: 'fold', perform: async () => 1 };

  test('is found by its name until it is disposed', () => {
    const { rooms } = new Page();
    const registered = rooms.registerTool(fold);
    expect(rooms.tool('fold')).toBe(fold);
    registered.dispose();
    expect(rooms.tool('fold')).toBeUndefined();
  });

  test('has a name of its own', () => {
    const { rooms } = new Page();
    rooms.registerTool(fold);
    expect(() => rooms.registerTool({ ...fold })).toThrow(
      'A tool named fold is registered already'
    );
  });
});

test('another view of a room has its own thread and draft, and the same room', async () => {
  const page = new Page();
  await page.open('a.ipynb', ['1']);
  const notebook = page.rooms.currentNotebook!;
  const view = page.rooms.viewOf(notebook);
  view.draft = { text: 'mine', attachments: [] };
  expect(view.model).toBe(notebook.room.model);
  expect(notebook.room.draft.text).toBe('');
});
