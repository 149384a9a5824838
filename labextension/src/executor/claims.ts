import type { CallRunning, Claim, RoomState } from '../protocol';

/** An offer that this tab may take, or a call that it holds. */
export type Claimed = CallRunning & { claim: Claim };

const BEHIND_PREFERRED_MS = 800;
const SPREAD_MS = 150;
const UNFOCUSED_MS = 200;

export interface TabSituation {
  clientId: string;
  /** Who is here, by client id. */
  present: ReadonlySet<string>;
  focused: boolean;
  /** 0 up to 1. */
  random: number;
}

/** The calls that are offered to any front end now. */
export function offers(state: RoomState): Claimed[] {
  return Object.values(state.calls).filter(
    (call): call is Claimed =>
      call.status === 'started' && call.claim !== null && call.claim.client_id === null
  );
}

/** Whether this offer still stands. */
export function stands(state: RoomState, callId: string, fence: number): boolean {
  return offers(state).some(call => call.call_id === callId && call.claim.fence === fence);
}

/** How long a tab waits before it takes an offer: the one that asked not at all, the one in use less than others. */
export function patience(claim: Claim, tab: TabSituation): number {
  if (claim.prefer === tab.clientId) {
    return 0;
  }
  const preferredIsHere = claim.prefer !== null && tab.present.has(claim.prefer);
  return (
    (preferredIsHere ? BEHIND_PREFERRED_MS : 0) +
    (tab.focused ? 0 : UNFOCUSED_MS) +
    tab.random * SPREAD_MS
  );
}

/** Whether a call that this tab works on was taken from it, or its run was stopped. */
export function isLost(state: RoomState, callId: string, fence: number, clientId: string): boolean {
  const call = state.calls[callId];
  if (call?.status !== 'started' || call.claim === null) {
    return true;
  }
  const run = state.runs[call.run_id];
  return (
    call.claim.fence !== fence ||
    (call.claim.client_id !== null && call.claim.client_id !== clientId) ||
    run?.status === 'finished'
  );
}
