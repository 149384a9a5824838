import type { TranslationBundle } from '@jupyterlab/translation';

import { choicesOf, isObject, same, type Schema, titleOf } from './schema';

/**
 * A filled form in one line, as people filled it: its fields by name, in their order, with what was left empty left out.
 * A form of one field is what stands in that field.
 */
export function answerWords(schema: Schema, value: unknown, trans: TranslationBundle): string {
  if (value === null || value === undefined || value === '') {
    return '';
  }
  const choice = choicesOf(schema)?.find(each => same(each.value, value));
  if (choice !== undefined) {
    return choice.label;
  }
  if (typeof value === 'boolean') {
    return value ? trans.__('yes') : trans.__('no');
  }
  if (Array.isArray(value)) {
    const items = value.map(item => answerWords(schema.items ?? {}, item, trans));
    return items.filter(Boolean).join(', ');
  }
  if (!isObject(value)) {
    return String(value);
  }
  const properties = schema.properties ?? {};
  const names = Object.keys(properties).filter(name => Object.hasOwn(value, name));
  const all = [...new Set([...names, ...Object.keys(value)])];
  const said = all.flatMap(name => {
    const field = Object.hasOwn(properties, name) ? properties[name]! : {};
    const words = bracketed(value[name], answerWords(field, value[name], trans));
    return words === '' ? [] : [{ title: titleOf(field, name), words }];
  });
  return all.length === 1
    ? (said[0]?.words ?? '')
    : said.map(({ title, words }) => `${title}: ${words}`).join(' · ');
}

/** Fields within a field stay together. */
function bracketed(value: unknown, words: string): string {
  return words !== '' && isObject(value) && Object.keys(value).length > 1 ? `(${words})` : words;
}
