import { nullTranslator } from '@jupyterlab/translation';
import { afterEach, describe, expect, test, vi } from 'vitest';

import { CommandIDs } from '../../src/page/command-ids';
import { commands } from '../../src/plugins/commands';
import { ALICE, NOW, Scene } from '../../gallery/fixtures';
import { Page } from '../fakes/page';

afterEach(() => document.body.replaceChildren());

const OPEN_CALL = new Scene()
  .say(ALICE, NOW, 'x')
  .call('Edit cell 1', NOW, { status: 'proposed', effect: 'edit' }, {})
  .state();

function page() {
  const made = new Page();
  const panel = { compose: vi.fn(), beginAnew: vi.fn(), review: vi.fn(() => true) };
  const palette = { addItem: vi.fn() };
  void commands.activate(made.app, made.rooms, panel, nullTranslator, palette);
  const { commands: registry } = made;
  return {
    made,
    panel,
    palette,
    isEnabled: (id: string) => registry.isEnabled(id),
    run: (id: string) => registry.execute(id)
  };
}

/** The commands of other plugins. */
const OTHERS: string[] = [
  CommandIDs.begin,
  CommandIDs.cellMenu,
  CommandIDs.changeCell,
  CommandIDs.connectAgent,
  CommandIDs.documentCell,
  CommandIDs.fixError,
  CommandIDs.listChanges,
  CommandIDs.nextChange,
  CommandIDs.previousChange,
  CommandIDs.reviewed,
  CommandIDs.testCell,
  CommandIDs.tidyCell
];

test('each is in the palette, and each id is taken', () => {
  const { made, palette } = page();
  const ids = Object.values(CommandIDs).filter(id => !OTHERS.includes(id));
  expect(palette.addItem.mock.calls.map(([item]) => item.command).sort()).toEqual([...ids].sort());
  expect(ids.filter(id => !made.commands.hasCommand(id))).toEqual([]);
});

test('without a notebook only the panel can be shown', async () => {
  const { panel, isEnabled, run } = page();
  expect(Object.values(CommandIDs).filter(isEnabled)).toEqual([
    CommandIDs.open,
    CommandIDs.models,
    CommandIDs.toolServers
  ]);
  await run(CommandIDs.open);
  expect(panel.compose).toHaveBeenCalledOnce();
});

describe('with a notebook', () => {
  test('a conversation is begun in its room', async () => {
    const { made, run } = page();
    await made.open('a.ipynb', ['1']);
    await run(CommandIDs.newThread);
    const sent = await made.serve();
    expect(sent).toContainEqual(
      expect.objectContaining({
        command: expect.objectContaining({ type: 'create_thread', title: 'New chat' })
      })
    );
  });

  test('what waits for a decision can be gone to once something does', async () => {
    const { made, panel, isEnabled, run } = page();
    const tab = await made.open('a.ipynb', ['1']);
    const changed = vi.fn();
    made.commands.commandChanged.connect(changed);
    expect(isEnabled(CommandIDs.review)).toBe(false);
    await made.show(tab, OPEN_CALL);
    expect(changed).toHaveBeenCalled();
    expect(isEnabled(CommandIDs.review)).toBe(true);
    await run(CommandIDs.review);
    expect(panel.review).toHaveBeenCalledOnce();
  });

  test('the run of the thread that is shown can be stopped', async () => {
    const { made, isEnabled, run } = page();
    const tab = await made.open('a.ipynb', ['1']);
    expect(isEnabled(CommandIDs.stop)).toBe(false);
    await made.show(tab, new Scene().say(ALICE, NOW, 'x').state());
    expect(isEnabled(CommandIDs.stop)).toBe(true);
    await run(CommandIDs.stop);
    expect(await made.serve()).toContainEqual(
      expect.objectContaining({ command: { type: 'cancel_run', run_id: 'm1.r1' } })
    );
    made.rooms.current!.threadId = 'another';
    expect(isEnabled(CommandIDs.stop)).toBe(false);
  });

  test('the active cell goes with the next message, without being sent', async () => {
    const { made, panel, run } = page();
    const { content } = await made.open('a.ipynb', ['one', 'two']);
    content.activeCellIndex = 1;
    await run(CommandIDs.askAboutCell);
    expect(made.rooms.current!.draft.attachments).toMatchObject([
      { kind: 'cell', cellId: 'c2', source: 'two' }
    ]);
    expect(panel.compose).toHaveBeenCalledOnce();
    expect((await made.serve()).filter(frame => frame.type === 'command')).toEqual([]);
  });

  test('an error is asked about at once, and what somebody was writing stays', async () => {
    const { made, run } = page();
    await made.open('a.ipynb', ['one']);
    const room = made.rooms.current!;
    room.draft = { text: 'half a thought', attachments: [] };
    await run(CommandIDs.explainError);
    const [sent] = (await made.serve()).filter(frame => frame.type === 'command');
    expect(sent).toMatchObject({
      command: { text: 'Explain the error in cell 1.', context: { cells: [{ cell_id: 'c1' }] } }
    });
    expect(room.draft.text).toBe('half a thought');
  });
});

describe('deciding by command', () => {
  const [go, deny] = [vi.fn(), vi.fn()];

  function card(): HTMLElement {
    const made = document.createElement('article');
    made.className = 'jp-Copilot-card';
    made.innerHTML =
      '<button class="jp-mod-go"></button><button data-option="deny"></button><input>';
    made.querySelector('.jp-mod-go')!.addEventListener('click', go);
    made.querySelector('[data-option]')!.addEventListener('click', deny);
    document.body.append(made);
    return made;
  }

  test('is for the confirmation that has the focus', async () => {
    const { run, isEnabled } = page();
    card();
    const focused = card();
    focused.querySelector('input')!.focus();
    expect(isEnabled(CommandIDs.approve)).toBe(true);
    await run(CommandIDs.approve);
    expect(go).toHaveBeenCalledOnce();
    await run(CommandIDs.deny);
    expect(deny).toHaveBeenCalledOnce();
  });

  test('does nothing while the focus is elsewhere', async () => {
    const { run, isEnabled } = page();
    card();
    expect(isEnabled(CommandIDs.approve)).toBe(false);
    go.mockClear();
    await run(CommandIDs.approve);
    expect(go).not.toHaveBeenCalled();
  });
});
