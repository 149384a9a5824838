import type { Kernel, KernelMessage } from '@jupyterlab/services';

import type { JsonObject } from '../protocol';

/** What code asked of the page beside its outputs, such as a page of help or to end the kernel. */
export type Payload = readonly JsonObject[];

/**
 * Do something that has the kernel run a cell, and hear the payload of the reply.
 *
 * JupyterLab acts on some kinds and tells nobody; a kernel that is reached otherwise is not heard.
 */
export async function hearingPayload<T>(
  kernel: Kernel.IKernelConnection | null | undefined,
  cellId: string,
  onPayload: (payload: Payload) => void,
  act: () => Promise<T>
): Promise<T> {
  let asked: string | null = null;
  const hear = (_: unknown, { msg, direction }: Kernel.IAnyMessageArgs) => {
    const { header, metadata } = msg;
    if (direction === 'send' && header.msg_type === 'execute_request') {
      asked = metadata.cellId === cellId ? header.msg_id : asked;
    } else if (
      direction === 'recv' &&
      header.msg_type === 'execute_reply' &&
      'msg_id' in msg.parent_header &&
      msg.parent_header.msg_id === asked
    ) {
      const { content } = msg as KernelMessage.IExecuteReplyMsg;
      onPayload(content.status === 'ok' ? ((content.payload ?? []) as unknown as Payload) : []);
    }
  };
  kernel?.anyMessage.connect(hear);
  try {
    return await act();
  } finally {
    kernel?.anyMessage.disconnect(hear);
  }
}
