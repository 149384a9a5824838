import type { Attachment } from './attachments';

/** Something that can be mentioned after `@` or commanded after `/`. */
export interface Suggestion {
  /** What it is called in the text. */
  label: string;
  /** A few words more, shown beside it. */
  detail: string;
  kind: 'cell' | 'variable' | 'file' | 'command' | 'person';
  /** What goes with the message when it is chosen. */
  attachment?: Attachment;
  /** For a command: the text that takes its place. */
  text?: string;
}

/** What is being typed at the caret: which mark, what follows it, and where it begins. */
export interface Trigger {
  mark: '@' | '/';
  query: string;
  from: number;
}

/** The mention or command at the caret; null when there is none. A command stands at the very beginning. */
export function triggerAt(text: string, caret: number): Trigger | null {
  const before = text.slice(0, caret);
  const command = /^\/(\S*)$/.exec(before);
  if (command) {
    return { mark: '/', query: command[1] ?? '', from: 0 };
  }
  const mention = /(?:^|[\s(])@([^\s@]*)$/.exec(before);
  if (mention) {
    const query = mention[1] ?? '';
    return { mark: '@', query, from: caret - query.length - 1 };
  }
  return null;
}

/** The suggestions that fit what was typed: those that begin with it first. */
export function matching(suggestions: Suggestion[], query: string, limit: number): Suggestion[] {
  const wanted = query.toLowerCase();
  const rank = (s: Suggestion): number => {
    const label = s.label.toLowerCase();
    const squeezed = label.replace(/\s/g, '');
    if (label.startsWith(wanted) || squeezed.startsWith(wanted)) {
      return 0;
    }
    if (label.includes(wanted) || squeezed.includes(wanted)) {
      return 1;
    }
    return s.detail.toLowerCase().includes(wanted) ? 2 : 3;
  };
  return suggestions
    .map(s => ({ s, rank: rank(s) }))
    .filter(({ rank }) => rank < 3)
    .sort((a, b) => a.rank - b.rank)
    .slice(0, limit)
    .map(({ s }) => s);
}

/** The text with the mention or command replaced by what was chosen, and where the caret stands then. */
export function insertSuggestion(
  text: string,
  caret: number,
  trigger: Trigger,
  chosen: Suggestion
): { text: string; caret: number } {
  const put = `${chosen.text ?? chosen.label} `;
  const rest = text.slice(caret).replace(/^ /, '');
  return { text: text.slice(0, trigger.from) + put + rest, caret: trigger.from + put.length };
}

/** The ids of the people whose names stand after an `@` in the text; of two names that fit, the longer one counts. */
export function peopleIn(
  text: string,
  people: readonly { readonly id: string; readonly name: string }[]
): string[] {
  const longestFirst = [...people].sort((a, b) => b.name.length - a.name.length);
  const found = new Set<string>();
  for (const { index } of text.matchAll(/(?<![\p{L}\p{N}_.])@/gu)) {
    const rest = text.slice(index + 1).toLowerCase();
    const named = longestFirst.find(({ name }) => {
      const next = rest.slice(name.length);
      return rest.startsWith(name.toLowerCase()) && !/^[\p{L}\p{N}_]/u.test(next);
    });
    if (named !== undefined) {
      found.add(named.id);
    }
  }
  return [...found];
}
