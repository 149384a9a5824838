/**
 * Reading what the server sends: text becomes a typed frame, or a plain reason why not.
 *
 * Frames with unknown names are left out and events with unknown names are kept as `UnknownEvent`, so that an older
 * page understands a newer server. Fields that may be absent get their defaults here, and nowhere else.
 */
import { EVENTS, SERVER_FRAMES } from './protocol';
import type {
  Field,
  JsonObject,
  Kind,
  LogRecord,
  RoomEvent,
  RoomState,
  ServerFrame,
  Shape,
  UnknownEvent
} from './protocol';

/** What a text from the server is. */
export type Decoded =
  | { readonly kind: 'frame'; readonly frame: ServerFrame }
  | { readonly kind: 'unknown'; readonly name: string }
  | { readonly kind: 'malformed'; readonly reason: string };

/** Something that should be of this protocol and is not. */
class Malformed extends Error {}

const RECORD: Shape = {
  seq: 'number',
  at: 'number',
  actor: 'object',
  event: 'object',
  command_id: ['string?', null]
};

const STATE: Shape = {
  log: 'string',
  seq: 'number',
  threads: 'object',
  messages: 'object',
  runs: 'object',
  calls: 'object',
  confirmations: 'object',
  usage: 'object'
};

/** Read a frame of the server; never throws. */
export function decodeServerFrame(text: string): Decoded {
  try {
    return readFrame(JSON.parse(text));
  } catch (error) {
    if (error instanceof Malformed || error instanceof SyntaxError) {
      return { kind: 'malformed', reason: error.message };
    }
    throw error;
  }
}

/** Read a record that came by another way than a frame, such as REST; undefined when it is none. */
export function decodeRecord(value: unknown): LogRecord | undefined {
  try {
    return readRecord(value);
  } catch (error) {
    if (error instanceof Malformed) {
      return undefined;
    }
    throw error;
  }
}

function readFrame(value: unknown): Decoded {
  const body = readObject(value, 'frame');
  const name = readName(body);
  const shape = lookUp(SERVER_FRAMES, name);
  if (shape === undefined) {
    return { kind: 'unknown', name };
  }
  const fields = readFields(body, shape, name);
  if (name === 'records') {
    fields.records = (fields.records as unknown[]).map(readRecord);
  } else if (name === 'snapshot') {
    fields.state = readState(fields.state as JsonObject);
  }
  return { kind: 'frame', frame: fields as unknown as ServerFrame };
}

/** The maps of a state get no prototype: ids come from people, and one may be called `constructor`. */
function readState(body: JsonObject): RoomState {
  const state = readFields(body, STATE, 'state');
  for (const name of ['threads', 'messages', 'runs', 'calls', 'confirmations']) {
    state[name] = Object.assign(Object.create(null), state[name]);
  }
  return state as unknown as RoomState;
}

function readRecord(value: unknown): LogRecord {
  const fields = readFields(readObject(value, 'record'), RECORD, 'record');
  fields.event = readEvent(fields.event as JsonObject);
  return fields as unknown as LogRecord;
}

function readEvent(body: JsonObject): RoomEvent | UnknownEvent {
  const name = readName(body);
  const shape = lookUp(EVENTS, name);
  return shape === undefined
    ? { type: 'unknown', body }
    : (readFields(body, shape, name) as unknown as RoomEvent);
}

/** A copy of the body with each field of the shape checked, and the absent ones filled in. */
function readFields(body: JsonObject, shape: Shape, name: string): { [field: string]: unknown } {
  const fields: { [field: string]: unknown } = { ...body };
  for (const [field, expected] of Object.entries(shape)) {
    const given = body[field];
    if (given !== undefined) {
      check(given, typeof expected === 'string' ? expected : expected[0], `${name}.${field}`);
    } else if (typeof expected === 'string') {
      throw new Malformed(`${name}.${field} is missing`);
    } else {
      fields[field] = expected[1];
    }
  }
  return fields;
}

function check(value: unknown, expected: Exclude<Field, readonly unknown[]>, where: string): void {
  const nullable = expected.endsWith('?');
  const kind = (nullable ? expected.slice(0, -1) : expected) as Kind;
  if (kind === 'any' || (nullable && value === null) || kindOf(value) === kind) {
    return;
  }
  throw new Malformed(`${where} is not of kind ${kind}`);
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
}

function readObject(value: unknown, what: string): JsonObject {
  if (kindOf(value) !== 'object') {
    throw new Malformed(`the ${what} is no object`);
  }
  return value as JsonObject;
}

function readName(body: JsonObject): string {
  if (typeof body.type !== 'string') {
    throw new Malformed('the field type is missing');
  }
  return body.type;
}

function lookUp(shapes: { readonly [name: string]: Shape }, name: string): Shape | undefined {
  return Object.hasOwn(shapes, name) ? shapes[name] : undefined;
}
