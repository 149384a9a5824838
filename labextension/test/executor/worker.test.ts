import { Signal } from '@lumino/signaling';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { RejectedError } from '../../src/protocol/errors';
import { Worker, type WorkerModel } from '../../src/executor/worker';
import type { CellRan, Claim, OperationReport, RoomState } from '../../src/protocol';
import { ALICE, NOW, participant, Scene, YOU } from '../../gallery/fixtures';

const RUN = { type: 'run', cell_id: 'c1', exec_id: 'e1' };
const OFFER: Claim = {
  fence: 1,
  operation: RUN as never,
  until: NOW,
  prefer: 'me',
  client_id: null,
  session: null,
  started: false
};

function roomWith(claim: Claim | null, run = {}): RoomState {
  return new Scene()
    .say(ALICE, NOW, 'x', run)
    .call('Run cell 1', NOW, { status: 'started', effect: 'execute', claim, report: null })
    .state();
}

/** One tab with a worker, and the room as it sees it. */
function tab(more: { can?: string[]; isReady?: boolean } = {}) {
  const log: string[] = [];
  const say = (word: string) => async () => log.push(word);
  const model = {
    clientId: 'me',
    state: null as RoomState | null,
    you: { ...YOU, can: more.can ?? YOU.can },
    participants: [participant(ALICE, { client_id: 'me' })],
    stateChanged: new Signal<object, unknown>({}),
    claim: vi.fn(say('claim')),
    renewClaim: vi.fn(say('start')),
    reportOutput: vi.fn(say('output')),
    report: vi.fn(say('report'))
  };
  let end: (report: OperationReport) => void = () => undefined;
  const perform = vi.fn(() => {
    log.push('perform');
    return new Promise<OperationReport>(resolve => (end = resolve));
  });
  const interrupt = vi.fn();
  const worker = new Worker({
    model: model as unknown as WorkerModel,
    isReady: () => more.isReady ?? true,
    perform,
    interrupt,
    pause: async () => undefined,
    random: () => 0
  });
  const see = async (state: RoomState) => {
    model.state = state;
    model.stateChanged.emit(undefined);
    await vi.advanceTimersByTimeAsync(0);
  };
  const finish = async (status: CellRan['status']) => {
    end({ status });
    await vi.advanceTimersByTimeAsync(0);
  };
  return { log, model, perform, interrupt, worker, see, finish };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a tab that works for the agent', () => {
  test('claims, begins only once that is acknowledged, does it, and reports', async () => {
    const { log, model, see, finish } = tab();
    await see(roomWith(OFFER));
    await finish('ok');
    expect(log).toEqual(['claim', 'start', 'perform', 'report']);
    expect(model.renewClaim).toHaveBeenCalledWith('c2', 1, true);
    expect(model.report).toHaveBeenCalledWith('c2', 1, { status: 'ok' });
  });

  test('does an offer once, however often the room changes meanwhile', async () => {
    const { perform, see } = tab();
    await see(roomWith(OFFER));
    await see(roomWith(OFFER));
    expect(perform).toHaveBeenCalledOnce();
  });

  test('does each operation of a call', async () => {
    const { perform, see, finish } = tab();
    await see(roomWith(OFFER));
    await finish('ok');
    await see(roomWith({ ...OFFER, until: NOW + 1 }));
    expect(perform).toHaveBeenCalledTimes(2);
  });

  test('reports that an operation of a later version is none that this page knows', async () => {
    const { perform, model, see } = tab();
    await see(roomWith({ ...OFFER, operation: { type: 'fold_cells' } }));
    expect(perform).not.toHaveBeenCalled();
    expect(model.report).toHaveBeenCalledWith(
      'c2',
      1,
      expect.objectContaining({ status: 'error', code: 'unknown_operation' })
    );
  });

  test('does nothing when another tab was first', async () => {
    const { perform, model, see } = tab();
    model.claim.mockRejectedValue(new Error('Another tab was first.'));
    await see(roomWith(OFFER));
    expect(perform).not.toHaveBeenCalled();
  });

  test('does nothing when its beginning is not acknowledged', async () => {
    const { perform, model, see } = tab();
    model.renewClaim.mockRejectedValue(new Error('The offer has lapsed.'));
    await see(roomWith(OFFER));
    expect(perform).not.toHaveBeenCalled();
  });

  test.each([{ can: ['read', 'write'] }, { isReady: false }])(
    'leaves offers alone with %j',
    async more => {
      const { model, see } = tab(more);
      await see(roomWith(OFFER));
      expect(model.claim).not.toHaveBeenCalled();
    }
  );

  test('keeps its claim alive while it works, and no longer', async () => {
    const { model, see, finish } = tab();
    await see(roomWith(OFFER));
    await vi.advanceTimersByTimeAsync(9000);
    expect(model.renewClaim).toHaveBeenCalledTimes(3);
    await finish('ok');
    await vi.advanceTimersByTimeAsync(20_000);
    expect(model.renewClaim).toHaveBeenCalledTimes(3);
  });

  test('stops the cell when the run was cancelled, and still reports', async () => {
    const { interrupt, model, see, finish } = tab();
    await see(roomWith(OFFER));
    await see(roomWith({ ...OFFER, client_id: 'me' }));
    expect(interrupt).not.toHaveBeenCalled();
    await see(
      roomWith({ ...OFFER, client_id: 'me' }, { status: 'finished', outcome: 'cancelled' })
    );
    expect(interrupt).toHaveBeenCalledOnce();
    await finish('interrupted');
    expect(model.report).toHaveBeenCalledWith('c2', 1, { status: 'interrupted' });
  });

  test('reports what went wrong in words', async () => {
    const { model, perform, see } = tab();
    perform.mockRejectedValue(new Error('No such thing.'));
    await see(roomWith(OFFER));
    await vi.advanceTimersByTimeAsync(0);
    expect(model.report).toHaveBeenCalledWith(
      'c2',
      1,
      expect.objectContaining({ status: 'error', message: 'No such thing.' })
    );
  });

  test('reports what is too large to send as that', async () => {
    const { model, see, finish } = tab();
    const message = 'This is too large to send.';
    model.report.mockRejectedValueOnce(
      new RejectedError({ code: 'too_large', message, retry: 'never' })
    );
    await see(roomWith(OFFER));
    await finish('ok');
    expect(model.report).toHaveBeenLastCalledWith(
      'c2',
      1,
      expect.objectContaining({ status: 'error', code: 'too_large', message })
    );
  });

  test('does not report twice what was refused because it lost the call', async () => {
    const { model, see, finish } = tab();
    vi.spyOn(console, 'warn').mockReturnValue();
    model.report.mockRejectedValue(
      new RejectedError({ code: 'stale_fence', message: 'Replaced.', retry: 'never' })
    );
    await see(roomWith(OFFER));
    await finish('ok');
    expect(model.report).toHaveBeenCalledOnce();
  });

  test('keeps no claim alive once its notebook is closed, whatever it is doing', async () => {
    const { model, worker, see } = tab();
    await see(roomWith(OFFER));
    worker.dispose();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(model.renewClaim).toHaveBeenCalledOnce();
  });

  test('takes nothing more once its notebook is closed', async () => {
    const { model, worker, see } = tab();
    worker.dispose();
    await see(roomWith(OFFER));
    expect(model.claim).not.toHaveBeenCalled();
  });
});
