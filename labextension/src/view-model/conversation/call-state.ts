import type { Call, CallDone, CallDoubtful, CallProposal, CallRunning } from '../../protocol';

export function isOver(call: Call): call is CallDone | CallDoubtful {
  return call.status === 'finished' || call.status === 'in_doubt';
}

/** Whether a call is over and changed cells. */
export function hasChanged(call: Call): boolean {
  const isDone = call.status === 'finished' && !call.is_error;
  return isDone && call.preview.cells.some(diff => diff.action !== 'run');
}

/** When a call began, or was proposed. */
export function beganAt(call: Call): number {
  return (hasBegun(call) && call.started_at) || call.proposed_at;
}

function hasBegun(call: Call): call is CallRunning | CallDone | CallDoubtful {
  return call.status === 'started' || isOver(call);
}

/** Whether a call still queued or for a decision. */
export function isPending(call: Call): call is CallProposal {
  return call.status === 'proposed' || call.status === 'confirmed';
}
