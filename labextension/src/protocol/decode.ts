/**
 * Reading what the server sends: text becomes a typed frame, or a plain reason why not.
 *
 * Frames with unknown names are left out and events with unknown names are kept as `UnknownEvent`, so that an older
 * page understands a newer server. Fields that may be absent get their defaults here, and nowhere else.
 */
import { EVENTS, OPERATIONS, SERVER_FRAMES } from './index';
import type {
  JsonObject,
  LogRecord,
  Operation,
  RoomEvent,
  RoomState,
  ServerFrame,
  Shape,
  UnknownEvent
} from './index';

/** What a text from the server is. */
export type Decoded =
  | { readonly kind: 'frame'; readonly frame: ServerFrame }
  | { readonly kind: 'unknown'; readonly name: string }
  | { readonly kind: 'malformed'; readonly reason: string };

/** Something that should be of this protocol and is not. */
class Malformed extends Error {}

/** What a field must be, or is when it is absent. */
interface Rule {
  readonly field: string;
  readonly kind: string;
  readonly nullable: boolean;
  readonly required: boolean;
  readonly fallback: unknown;
}

type Rules = readonly Rule[];

const FIELD = /(\w+)(?::(\w+))?(\?)?(?:=(\S+))?/g;

function rulesOf(shape: Shape): Rules {
  return Array.from(
    shape.matchAll(FIELD),
    ([, field = '', kind = 'string', nullable, fallback]): Rule => ({
      field,
      kind,
      nullable: nullable !== undefined,
      required: fallback === undefined,
      fallback: fallback && JSON.parse(fallback)
    })
  );
}

function rulesByName(shapes: { readonly [name: string]: Shape }): ReadonlyMap<string, Rules> {
  return new Map(Object.entries(shapes).map(([name, shape]) => [name, rulesOf(shape)]));
}

// Shapes are taken apart once, because ten thousand records may come at a time.
const FRAME_RULES = rulesByName(SERVER_FRAMES);
const EVENT_RULES = rulesByName(EVENTS);
const OPERATION_RULES = rulesByName(OPERATIONS);

const RECORD_RULES = rulesOf('seq:number at:number actor:object event:object command_id?=null');

const STATE_RULES = rulesOf(
  'log seq:number threads:object messages:object runs:object calls:object confirmations:object rules:object={} ' +
    'usage:object notices:object={} mentions:object={} spent:object={} allowances:object={}'
);

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

/** Read what a call asks of a front end; undefined when this page does not know it. */
export function decodeOperation(value: JsonObject): Operation | undefined {
  const rules = OPERATION_RULES.get(String(value.type));
  try {
    // A copy, as the state has the value.
    return rules && (readFields({ ...value }, rules, 'operation') as unknown as Operation);
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
  const rules = FRAME_RULES.get(name);
  if (rules === undefined) {
    return { kind: 'unknown', name };
  }
  const fields = readFields(body, rules, name);
  if (name === 'records') {
    (fields.records as unknown[]).forEach(readRecord);
  } else if (name === 'snapshot') {
    fields.state = readState(fields.state as JsonObject);
  }
  return { kind: 'frame', frame: fields as unknown as ServerFrame };
}

/** The maps of a state get no prototype: ids come from people, and one may be called `constructor`. */
function readState(body: JsonObject): RoomState {
  const state = readFields(body, STATE_RULES, 'state');
  for (const name of ['threads', 'messages', 'runs', 'calls', 'confirmations', 'rules']) {
    state[name] = Object.assign(Object.create(null), state[name]);
  }
  return state as unknown as RoomState;
}

function readRecord(value: unknown): LogRecord {
  const fields = readFields(readObject(value, 'record'), RECORD_RULES, 'record');
  fields.event = readEvent(fields.event as JsonObject);
  return fields as unknown as LogRecord;
}

function readEvent(body: JsonObject): RoomEvent | UnknownEvent {
  const name = readName(body);
  const rules = EVENT_RULES.get(name);
  return rules === undefined
    ? { type: 'unknown', body }
    : (readFields(body, rules, name) as unknown as RoomEvent);
}

/** The body, with each field checked by its rule and the absent ones filled in. */
function readFields(body: JsonObject, rules: Rules, name: string): { [field: string]: unknown } {
  const fields = body as { [field: string]: unknown }; // it was parsed here, so nobody else holds it
  for (const { field, kind, nullable, required, fallback } of rules) {
    const given = fields[field];
    if (given === undefined) {
      if (required) {
        throw new Malformed(`${name}.${field} is missing`);
      }
      fields[field] = fallback;
    } else if (kind !== 'any' && kindOf(given) !== kind && !(nullable && given === null)) {
      throw new Malformed(`${name}.${field} is not of kind ${kind}`);
    }
  }
  return fields;
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
