/** The errors that a client meets, each with the server's code and words for a person. */
import type { JsonObject, Reject, RejectCode, Retry } from './index';

/** A record's seq is not the one after the last applied. */
export class Gap extends Error {
  override readonly name = 'Gap';

  constructor(
    readonly expected: number,
    readonly got: number
  ) {
    super(`Expected record ${expected}, got ${got}.`);
  }
}

/** A command was refused, and nothing was written. */
export class RejectedError extends Error {
  override readonly name = 'RejectedError';
  readonly code: RejectCode;
  readonly retry: Retry;
  readonly details: JsonObject;
  readonly hint: string;

  constructor(reject: Pick<Reject, 'code' | 'message' | 'retry'> & Partial<Reject>) {
    super(reject.message);
    this.code = reject.code;
    this.retry = reject.retry;
    this.details = reject.details ?? {};
    this.hint = reject.hint ?? '';
  }
}

/** The client was closed before the server answered; a kept command is sent by the next client. */
export class ClientClosedError extends Error {
  override readonly name = 'ClientClosedError';

  constructor() {
    super('The connection to the room was closed before the server answered.');
  }
}
