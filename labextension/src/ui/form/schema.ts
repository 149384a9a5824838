import type { TranslationBundle } from '@jupyterlab/translation';

/** The part of JSON Schema that forms are drawn from. */
export interface Schema {
  type?: string | string[];
  title?: string;
  description?: string;
  enum?: unknown[];
  const?: unknown;
  oneOf?: Schema[];
  anyOf?: Schema[];
  default?: unknown;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  multipleOf?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  uniqueItems?: boolean;
  format?: string;
  contentMediaType?: string;
}

/** How a schema is drawn. */
export type Control =
  | 'object'
  | 'array'
  | 'checks'
  | 'choice'
  | 'text'
  | 'long_text'
  | 'number'
  | 'integer'
  | 'boolean'
  | 'json';

export interface Choice {
  value: unknown;
  label: string;
}

/** How a value of this schema is entered. */
export function controlOf(schema: Schema): Control {
  if (choicesOf(schema) !== null) {
    return 'choice';
  }
  switch (typeOf(schema)) {
    case 'object':
      return schema.properties ? 'object' : 'json';
    case 'array':
      return schema.items && choicesOf(schema.items) ? 'checks' : schema.items ? 'array' : 'json';
    case 'string':
      return hasLines(schema) ? 'long_text' : 'text';
    case 'number':
      return 'number';
    case 'integer':
      return 'integer';
    case 'boolean':
      return 'boolean';
    default:
      return 'json';
  }
}

/** Whether a text is of several lines, such as code; what a text has already is looked at as it is shown. */
function hasLines({ format, contentMediaType }: Schema): boolean {
  return format === 'textarea' || contentMediaType?.startsWith('text/') === true;
}

/** The only values that a schema allows, with how they are called; null when it allows others. */
export function choicesOf(schema: Schema): Choice[] | null {
  if (schema.enum) {
    return schema.enum.map(value => ({ value, label: labelOf(value) }));
  }
  const constants = schema.oneOf ?? schema.anyOf;
  if (constants?.length && constants.every(s => 'const' in s)) {
    return constants.map(s => ({ value: s.const, label: s.title ?? labelOf(s.const) }));
  }
  return null;
}

/** How a field is called: by its title, or by its name as words: `drop_rows` becomes "Drop rows". */
export function titleOf({ title }: Schema, name: string): string {
  const spaced = name.replace(/[_-]+/g, ' ').trim();
  return title ?? spaced.charAt(0).toLocaleUpperCase() + spaced.slice(1);
}

function labelOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function typeOf(schema: Schema): string | undefined {
  if (Array.isArray(schema.type)) {
    return schema.type.find(t => t !== 'null');
  }
  return schema.type ?? (schema.properties ? 'object' : undefined);
}

/** What a form starts with: defaults, and nothing where there is none. */
export function initialValue(schema: Schema): unknown {
  if (schema.default !== undefined) {
    return schema.default;
  }
  switch (controlOf(schema)) {
    case 'object': {
      const value: Record<string, unknown> = {};
      for (const [name, property] of Object.entries(schema.properties ?? {})) {
        const initial = initialValue(property);
        if (initial !== undefined) {
          value[name] = initial;
        }
      }
      return value;
    }
    case 'array':
    case 'checks':
      return [];
    case 'boolean':
      return false;
    default:
      return undefined;
  }
}

/** Problems by the path of the field that they are about; paths are property names and indices joined by dots. */
export type Problems = ReadonlyMap<string, string>;

/**
 * What keeps a value from fitting a schema, in words beside the fields. The server checks again, and more.
 *
 * Where `emptyCounts`, an empty text is a value like others; in the form of a question it is a field not filled in.
 */
export function problemsOf(
  schema: Schema,
  value: unknown,
  trans: TranslationBundle,
  emptyCounts = false
): Problems {
  const problems = new Map<string, string>();
  check(schema, value, '', true, { problems, trans, emptyCounts });
  return problems;
}

interface Checking {
  readonly problems: Map<string, string>;
  readonly trans: TranslationBundle;
  readonly emptyCounts: boolean;
}

function check(
  schema: Schema,
  value: unknown,
  path: string,
  required: boolean,
  checking: Checking
): void {
  const { problems, trans, emptyCounts } = checking;
  const add = (problem: string | null) => problem !== null && problems.set(path, problem);
  if (value === undefined || value === null || value === '') {
    const allowed = value === '' && typeOf(schema) === 'string' && (schema.minLength ?? 0) === 0;
    const isFilled = allowed && (emptyCounts || schema.default === '');
    add(required && !isFilled ? trans.__('Please fill this in') : null);
    return;
  }
  const choices = choicesOf(schema);
  if (choices) {
    add(choices.some(c => same(c.value, value)) ? null : trans.__('Please choose one'));
    return;
  }
  const kind = typeOf(schema);
  if (kind === 'object' && isObject(value)) {
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      const inner = path ? `${path}.${name}` : name;
      check(property, value[name], inner, schema.required?.includes(name) ?? false, checking);
    }
  } else if (kind === 'array' && Array.isArray(value)) {
    add(itemsProblem(schema, value, trans));
    value.forEach((item, i) => check(schema.items ?? {}, item, `${path}.${i}`, true, checking));
  } else if (kind === 'number' || kind === 'integer') {
    add(numberProblem(schema, kind, value, trans));
  } else if (kind === 'string') {
    add(textProblem(schema, value, trans));
  }
}

function itemsProblem(schema: Schema, value: unknown[], trans: TranslationBundle): string | null {
  if (value.length < (schema.minItems ?? 0)) {
    return trans._n('At least %1 is needed', 'At least %1 are needed', schema.minItems ?? 0);
  }
  if (value.length > (schema.maxItems ?? Infinity)) {
    return trans.__('At most %1 are allowed', schema.maxItems);
  }
  return null;
}

function numberProblem(
  schema: Schema,
  kind: 'number' | 'integer',
  value: unknown,
  trans: TranslationBundle
): string | null {
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    return trans.__('This is not a number');
  }
  if (kind === 'integer' && !Number.isInteger(value)) {
    return trans.__('A whole number, please');
  }
  if (value < (schema.minimum ?? -Infinity)) {
    return trans.__('At least %1', schema.minimum);
  }
  if (value > (schema.maximum ?? Infinity)) {
    return trans.__('At most %1', schema.maximum);
  }
  if (value <= (schema.exclusiveMinimum ?? -Infinity)) {
    return trans.__('More than %1', schema.exclusiveMinimum);
  }
  if (value >= (schema.exclusiveMaximum ?? Infinity)) {
    return trans.__('Less than %1', schema.exclusiveMaximum);
  }
  return null;
}

function textProblem(schema: Schema, value: unknown, trans: TranslationBundle): string | null {
  if (typeof value !== 'string') {
    return trans.__('This is not text');
  }
  if (value.length < (schema.minLength ?? 0)) {
    return trans.__('At least %1 characters', schema.minLength);
  }
  if (value.length > (schema.maxLength ?? Infinity)) {
    return trans.__('At most %1 characters', schema.maxLength);
  }
  return null;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether two JSON values are equal, as far as choices need it. */
export function same(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
