/** A client's copy of a room's state: what was folded, up to where, and what of it was not told yet. */
import { apply } from './reducer';
import { Gap } from '../protocol/errors';
import type { Cursor, LogId, LogRecord, Records, RoomState, Snapshot } from '../protocol';
import { initial } from './state';

/** How the state changed: by these records, or wholly. */
export type StateChange =
  | { readonly kind: 'records'; readonly records: readonly LogRecord[] }
  | { readonly kind: 'snapshot' };

export class Replica {
  private shown: RoomState | null = null;
  /** What this connection folds into: `shown` when it goes on from there, else a state that is shown once it is whole. */
  private folding: RoomState | null = null;
  private whole = false;
  private records: LogRecord[] = [];
  private forgotten = false;

  /** The state as of the last record; null until the room was first seen whole. */
  get state(): RoomState | null {
    return this.shown;
  }

  /** What a greeting names, so that only what is missing is sent. */
  get cursor(): Cursor | null {
    return this.shown === null || this.forgotten
      ? null
      : { log: this.shown.log, seq: this.shown.seq };
  }

  /** Ask for everything anew with the next greeting; what is there is shown until then. */
  forget(): void {
    this.forgotten = true;
  }

  /** A connection to this log begins: go on from the cursor, or from nothing. */
  begin(log: LogId): void {
    this.abandon();
    const goesOn = this.shown?.log === log && !this.forgotten;
    this.folding = goesOn ? this.shown : initial(log);
    this.whole = !goesOn;
  }

  /** The whole state, whatever was folded before. */
  replace(snapshot: Snapshot): void {
    this.folding = { ...snapshot.state, log: snapshot.log, seq: snapshot.seq };
    this.records = [];
    this.whole = true;
  }

  /** Fold a frame of records; those that were folded before are left out. Throws `Gap` when one is missing. */
  fold(frame: Records): void {
    const state = this.here();
    const last = frame.records.at(-1)?.seq ?? 0;
    if (last <= state.seq) {
      return;
    }
    const known = frame.records.findLastIndex(record => record.seq <= state.seq);
    const reached = frame.records[known]?.seq ?? frame.first - 1;
    if (reached !== state.seq) {
      throw new Gap(state.seq + 1, reached + 1); // also when a merged record begins before the cursor and ends after it
    }
    for (const record of frame.records.slice(known + 1)) {
      apply(state, record, last);
      this.records.push(record);
    }
  }

  /** Everything up to `seq` is here: show it. Throws `Gap` when it is not. */
  settle(seq: number): void {
    const state = this.here();
    if (state.seq !== seq) {
      throw new Gap(seq, state.seq);
    }
    this.shown = state;
    this.forgotten = false;
  }

  /** The connection is gone: a state that is not whole yet is thrown away. */
  abandon(): void {
    if (this.folding !== this.shown) {
      this.records = [];
      this.whole = false;
    }
    this.folding = null;
  }

  /** How the shown state changed since this was last asked; null when it did not. */
  changes(): StateChange | null {
    const { records, whole } = this;
    this.records = [];
    this.whole = false;
    return whole ? { kind: 'snapshot' } : records.length > 0 ? { kind: 'records', records } : null;
  }

  private here(): RoomState {
    if (this.folding === null) {
      throw new Gap(0, 0);
    }
    return this.folding;
  }
}
