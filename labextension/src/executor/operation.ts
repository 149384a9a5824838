import type { OperationDone, OperationFailed } from '../protocol';

export const OK: OperationDone = { status: 'ok' };

export function failure(code: string, message: string, hint = ''): OperationFailed {
  return { status: 'error', code, message, hint };
}
