import { Signal } from '@lumino/signaling';
import { describe, expect, test, vi } from 'vitest';

import { followDisk } from '../../src/executor/follow-disk';
import type { CopilotModel } from '../../src/model/copilot-model';
import type { RoomEvent } from '../../src/protocol';
import { ALICE, COPILOT, NOW, Scene } from '../../gallery/fixtures';

function tab(adapter: string, more: { effect?: string; dirty?: boolean } = {}) {
  const { effect = 'edit', dirty = false } = more;
  const state = new Scene()
    .say(ALICE, NOW, 'x')
    .call('Edit cell 1', NOW, { effect, adapter })
    .state();
  const model = { clientId: 'me', state, stateChanged: new Signal<object, unknown>({}) };
  const [reload, tellUnsaved] = [vi.fn(), vi.fn()];
  followDisk(model as unknown as CopilotModel, { isUnsaved: () => dirty, reload, tellUnsaved });
  const see = (...events: RoomEvent[]) => {
    const records = events.map((event, seq) => ({ seq, at: NOW, actor: COPILOT, event }));
    model.stateChanged.emit({ kind: 'records', records });
  };
  return { see, reload, tellUnsaved };
}

const claimed = (client_id: string): RoomEvent => ({
  type: 'call_claimed',
  call_id: 'c2',
  fence: 1,
  client_id,
  until: NOW,
  started: true
});
const started = (adapter: string): RoomEvent => ({
  type: 'call_started',
  call_id: 'c2',
  exec_id: 'e',
  adapter,
  args: null,
  preview: null
});
const FINISHED = {
  type: 'call_finished',
  call_id: 'c2',
  result: { text: '', images: [], cells: [], broke_off: false, marked: false, told: {} },
  is_error: false
} as RoomEvent;

describe('a tab whose notebook the agent changed elsewhere', () => {
  test('loads it again when another tab did it', () => {
    const { see, reload } = tab('front_end');
    see(started('front_end'), claimed('other'));
    expect(reload).not.toHaveBeenCalled();
    see(FINISHED);
    expect(reload).toHaveBeenCalledOnce();
  });

  test('loads it again when the server changed the file', () => {
    const { see, reload } = tab('contents');
    see(started('contents'), FINISHED);
    expect(reload).toHaveBeenCalledOnce();
  });

  test('loads it again once for several changes that it hears of together', () => {
    const { see, reload } = tab('contents');
    see(started('contents'), FINISHED, started('contents'), FINISHED);
    expect(reload).toHaveBeenCalledOnce();
  });

  test('keeps unsaved changes, and tells of it', () => {
    const { see, reload, tellUnsaved } = tab('front_end', { dirty: true });
    see(claimed('other'), FINISHED);
    expect(reload).not.toHaveBeenCalled();
    expect(tellUnsaved).toHaveBeenCalledOnce();
  });

  test.each([
    ['it did it itself', 'front_end', 'edit', 'me'],
    ['the document is shared live', 'live_document', 'edit', 'other'],
    ['the call only read', 'front_end', 'read', 'other']
  ])('stays as it is when %s', (_, adapter, effect, client) => {
    const { see, reload, tellUnsaved } = tab(adapter, { effect });
    see(claimed(client), FINISHED);
    expect(reload).not.toHaveBeenCalled();
    expect(tellUnsaved).not.toHaveBeenCalled();
  });
});
