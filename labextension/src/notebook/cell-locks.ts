import type { Cell } from '@jupyterlab/cells';

import { lockOf } from '../view-model/cells';
import type { Lock } from '../protocol';

/** The lock that people put on a cell, as it stands now. */
export function cellLock(cell: Cell): Lock | null {
  return cell.isDisposed ? null : lockOf(cell.model.sharedModel.metadata);
}
