import type { TranslationBundle } from '@jupyterlab/translation';

import { COPILOT } from '../protocol';
import type { Actor, Surface } from '../protocol';

/** Verbs that a preview's title may begin with, and how they read once it is done. */
const PAST: Record<string, string> = {
  add: 'added',
  answer: 'answered',
  change: 'changed',
  clear: 'cleared',
  delete: 'deleted',
  edit: 'edited',
  execute: 'executed',
  find: 'found',
  insert: 'inserted',
  inspect: 'inspected',
  interrupt: 'interrupted',
  list: 'listed',
  look: 'looked',
  make: 'made',
  move: 'moved',
  open: 'opened',
  read: 'read',
  rename: 'renamed',
  replace: 'replaced',
  restart: 'restarted',
  run: 'ran',
  save: 'saved',
  search: 'searched',
  show: 'showed',
  write: 'wrote'
};

const LEADING_VERBS = /^\p{L}+(?: and \p{L}+)?/u;
/** The further verbs of "Insert 2 cells, edit cell 4 and delete cells 7 and 9". */
const LATER_VERBS = /(, | and )(\p{L}+)(?= (?:a |cells? |\d+ cells))/gu;
/** What comes before the first quotation: the words of others, and code, stay as they are. */
const UNQUOTED = /^[^"“”„«`]*/u;

/** A title in two: the verbs that it begins with, and what they act on. */
export interface Title {
  verb: string;
  rest: string;
}

export function splitTitle(title: string): Title {
  const verb = LEADING_VERBS.exec(title)?.[0] ?? '';
  const known = verb.split(' and ').every(word => word.toLowerCase() in PAST);
  const shown = known ? verb : (verb.split(' ')[0] ?? '');
  return { verb: shown, rest: title.slice(shown.length) };
}

/** "Edit and run cell 4" once it is done: "Edited and ran cell 4"; titles with other verbs stay as they are. */
export function inPast({ verb, rest }: Title): Title {
  const past = verb
    .split(' and ')
    .map(word => PAST[word.toLowerCase()] ?? word)
    .join(' and ');
  const inPlace = (_: string, and: string, word: string) => and + (PAST[word] ?? word);
  const own = verb ? (UNQUOTED.exec(rest)?.[0] ?? '') : '';
  const also = own.replace(LATER_VERBS, inPlace);
  return { verb: upperFirst(past), rest: also + rest.slice(own.length) };
}

/** A title in one piece, as something that was done. */
export function pastTense(title: string): string {
  const { verb, rest } = inPast(splitTitle(title));
  return verb + rest;
}

export function upperFirst(text: string): string {
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}

/** Lower case for use within a sentence; abbreviations and code keep theirs. */
export function lowerFirst(text: string): string {
  return /^\p{Lu}\p{Ll}/u.test(text) ? text.charAt(0).toLocaleLowerCase() + text.slice(1) : text;
}

/** The time of day, in the reader's language; another day than today's is named. */
export function clock(at: number, now: number, language?: string): string {
  const date = new Date(at);
  const time = date.toLocaleTimeString(language, { hour: 'numeric', minute: '2-digit' });
  if (date.toDateString() === new Date(now).toDateString()) {
    return time;
  }
  return `${date.toLocaleDateString(language, { day: 'numeric', month: 'short' })}, ${time}`;
}

/** How long something took, in at most two numbers. */
export function duration(ms: number, trans: TranslationBundle): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 10) {
    return trans.__('%1 s', seconds.toFixed(seconds < 0.95 ? 1 : 0));
  }
  if (seconds < 60) {
    return trans.__('%1 s', Math.round(seconds));
  }
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) {
    return trans.__('%1 min %2 s', minutes, Math.round(seconds % 60));
  }
  return trans.__('%1 h %2 min', Math.floor(minutes / 60), minutes % 60);
}

/** How long something stays open: coarse, because only the order of size matters. */
export function timeLeft(ms: number, trans: TranslationBundle): string {
  if (ms <= 0) {
    return trans.__('time is up');
  }
  const seconds = Math.ceil(ms / 1000);
  if (seconds <= 90) {
    return trans.__('%1 s left', seconds);
  }
  const minutes = Math.round(seconds / 60);
  if (minutes <= 90) {
    return trans.__('%1 min left', minutes);
  }
  const hours = Math.round(minutes / 60);
  return hours <= 48
    ? trans.__('%1 h left', hours)
    : trans.__('%1 days left', Math.round(hours / 24));
}

/** Tokens as people read them: 812, 12.4k, 3.1M. */
export function tokens(count: number): string {
  if (count < 1000) {
    return String(count);
  }
  const [value, unit] = count < 999_950 ? [count / 1000, 'k'] : [count / 1_000_000, 'M'];
  return `${value < 100 ? value.toFixed(1) : Math.round(value)}${unit}`;
}

/** Where somebody acted from, to follow "from". */
export function surfaceName(surface: Surface, trans: TranslationBundle): string {
  switch (surface) {
    case 'lab':
      return trans.__('the sidebar');
    case 'notebook':
      return trans.__('Jupyter Notebook');
    case 'panel':
      return trans.__('the panel in the notebook');
    case 'kernel':
      return trans.__('the kernel');
    case 'cli':
      return trans.__('the terminal');
    case 'client':
      return trans.__('a program');
    case 'rest':
      return trans.__('the REST interface');
    case 'agent':
      return trans.__('the agent');
    case 'server':
      return trans.__('the server');
    case 'mcp':
      return trans.__('an outside agent');
  }
}

/** Who somebody is, to begin a sentence with. */
export function actorName(actor: Actor, trans: TranslationBundle): string {
  switch (actor.kind) {
    case 'agent':
      return actor.id === COPILOT ? trans.__('Copilot') : actor.name;
    case 'server':
      return trans.__('The server');
    case 'kernel':
      return actor.name || trans.__('The kernel');
    case 'person':
    case 'guest':
      return actor.name;
  }
}

/** Names in a row, as a person would list them. */
export function listNames(names: string[], trans: TranslationBundle): string {
  if (names.length <= 1) {
    return names[0] ?? '';
  }
  if (names.length > 3) {
    return trans.__('%1, %2 and %3 others', names[0], names[1], names.length - 2);
  }
  return trans.__('%1 and %2', names.slice(0, -1).join(', '), names[names.length - 1]);
}
