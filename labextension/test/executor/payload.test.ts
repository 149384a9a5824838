import type { Kernel } from '@jupyterlab/services';
import { Signal } from '@lumino/signaling';
import { expect, test, vi } from 'vitest';

import { hearingPayload } from '../../src/executor/payload';

const HELP = { source: 'page', data: { 'text/plain': 'help' } };
const NEXT = { source: 'set_next_input', text: 'x = 3', replace: false };
const EXIT = { source: 'ask_exit', keepkernel: false };

/** A kernel of which only the messages matter. */
function kernel() {
  const owner = {} as Kernel.IKernelConnection;
  const anyMessage = new Signal<Kernel.IKernelConnection, Kernel.IAnyMessageArgs>(owner);
  const say = (direction: 'send' | 'recv', msg: object) =>
    anyMessage.emit({ direction, msg } as unknown as Kernel.IAnyMessageArgs);
  return {
    connection: Object.assign(owner, { anyMessage }),
    asks: (cellId: string, id: string) =>
      say('send', { header: { msg_type: 'execute_request', msg_id: id }, metadata: { cellId } }),
    replies: (id: string, content: object, type = 'execute_reply') =>
      say('recv', { header: { msg_type: type }, parent_header: { msg_id: id }, content })
  };
}

test.each([
  ['a page of help', [HELP]],
  ['the next input', [NEXT]],
  ['the end of the kernel', [EXIT]],
  ['several at once', [HELP, NEXT, EXIT]],
  ['nothing', []]
])('what the code of the cell asks for is heard: %s', async (_, payload) => {
  const { connection, asks, replies } = kernel();
  const heard = vi.fn();
  const result = await hearingPayload(connection, 'c1', heard, async () => {
    asks('c1', 'm1');
    replies('m1', { status: 'ok', payload });
    return 'done';
  });
  expect(result).toBe('done');
  expect(heard.mock.calls).toEqual([[payload]]);
});

test('kernels that send no payload, or raised, asked for nothing', async () => {
  const { connection, asks, replies } = kernel();
  const heard = vi.fn();
  await hearingPayload(connection, 'c1', heard, async () => {
    asks('c1', 'm1');
    replies('m1', { status: 'ok' });
    replies('m1', { status: 'error', payload: [EXIT] });
  });
  expect(heard.mock.calls).toEqual([[[]], [[]]]);
});

test('what other cells, other requests and other messages say is not heard', async () => {
  const { connection, asks, replies } = kernel();
  const heard = vi.fn();
  await hearingPayload(connection, 'c1', heard, async () => {
    replies('m0', { status: 'ok', payload: [EXIT] });
    asks('c2', 'm2');
    replies('m2', { status: 'ok', payload: [EXIT] });
    asks('c1', 'm1');
    replies('m1', { status: 'ok', payload: [EXIT] }, 'inspect_reply');
    asks('c2', 'm3');
    replies('m3', { status: 'ok', payload: [EXIT] });
    replies('m1', { status: 'ok', payload: [NEXT] });
  });
  expect(heard.mock.calls).toEqual([[[NEXT]]]);
});

test('nothing is heard any more once it is over, whatever its end', async () => {
  const { connection, asks, replies } = kernel();
  const heard = vi.fn();
  const failing = hearingPayload(connection, 'c1', heard, async () => {
    asks('c1', 'm1');
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  replies('m1', { status: 'ok', payload: [EXIT] });
  expect(heard).not.toHaveBeenCalled();
  await expect(hearingPayload(null, 'c1', heard, async () => 1)).resolves.toBe(1);
});
