import type { LogRecord, RoomEvent, RoomState } from '../../protocol';

/** What handles one type of event: it changes the state in place, and leaves what the event does not fit as it is. */
export type Fold<E> = (state: RoomState, event: E, record: LogRecord) => void;

/** The handler of each event. */
export type Folds = { readonly [E in RoomEvent as E['type']]: Fold<E> };
