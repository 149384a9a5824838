import { describe, expect, test, vi } from 'vitest';

import { Copilot } from '../../src/model/copilot';
import { Page } from '../fakes/page';

describe('the copilot that other extensions have', () => {
  test('knows the rooms of the open notebooks, the current one among them', async () => {
    const page = new Page();
    const copilot = new Copilot(page.rooms);
    const changed = vi.fn();
    copilot.roomsChanged.connect(changed);
    const followed: (string | undefined)[] = [];
    copilot.currentChanged.connect((_, room) => followed.push(room?.path));
    expect(copilot.current).toBeNull();
    const a = await page.open('a.ipynb', ['1']);
    const b = await page.open('b.ipynb', ['2']);
    expect([...copilot.rooms.keys()]).toEqual(['a.ipynb', 'b.ipynb']);
    expect(copilot.current?.path).toBe('b.ipynb');
    page.tracker.focus(a.panel);
    expect(copilot.current?.path).toBe('a.ipynb');
    b.close();
    a.close();
    expect(copilot.rooms.size).toBe(0);
    expect(copilot.current).toBeNull();
    expect(changed).toHaveBeenCalledTimes(4);
    expect(new Set(followed)).toEqual(new Set(['a.ipynb', 'b.ipynb', undefined]));
  });

  test('hands on what changes in a room, and a tool', async () => {
    const page = new Page();
    const copilot = new Copilot(page.rooms);
    const seen: string[] = [];
    const ends = [
      copilot.observe(room => seen.push(room.path)),
      copilot.registerTool({ name: 'fold', perform: async () => 1 })
    ];
    await page.open('a.ipynb', ['1']);
    expect(seen).toContain('a.ipynb');
    expect(page.rooms.tool('fold')).toBeDefined();
    ends.forEach(end => end.dispose());
    expect(page.rooms.tool('fold')).toBeUndefined();
  });
});

describe('asking', () => {
  test('is on record once it resolves, in the room and the thread that are shown', async () => {
    const page = new Page();
    await page.open('a.ipynb', ['1']);
    const tab = await page.open('b.ipynb', ['2']);
    page.rooms.current!.chosenModel = 'large';
    const asked = new Copilot(page.rooms).ask('Why?');
    const sent = (await page.serve()).filter(frame => frame.type === 'command');
    await asked;
    expect(sent).toMatchObject([{ command: { text: 'Why?', thread_id: 'main', model: 'large' } }]);
    expect(Object.values(tab.room.state.messages).map(message => message.text)).toEqual(['Why?']);
  });

  test('is refused in words when no notebook is open, and when the server refuses', async () => {
    const page = new Page();
    await expect(new Copilot(page.rooms).ask('Why?')).rejects.toThrow(
      'No notebook is open to ask about.'
    );
    const { room } = await page.open('a.ipynb', ['1']);
    room.refuse = { code: 'forbidden', retry: 'never' };
    const asked = new Copilot(page.rooms).ask('Why?');
    asked.catch(() => undefined);
    await page.serve();
    await expect(asked).rejects.toThrow('Refused: forbidden.');
  });
});
