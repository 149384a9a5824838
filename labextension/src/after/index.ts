export { ChangedCells } from './changed-cells';
export { listChanges, showDiff } from './dialogs';
