/** Patterns in rules and in the administrator's terms, exactly as `jupyter_copilot/core/permissions/patterns.py`. */

/** What `*` stands for in a command: a part of one word or file name, never what separates, quotes or expands. */
const WORD = '[A-Za-z0-9_.,:@%+-]*';

/** Whether code is the command, but for white space around it. */
export function isCommand(command: string, code: string): boolean {
  return trimmed(code) === trimmed(command);
}

/** Whether the whole code is the pattern, but for white space around it. */
export function fitsCommand(pattern: string, code: string): boolean {
  return wildcard(trimmed(pattern), WORD).test(trimmed(code));
}

/** Whether a name is the pattern, where `*` stands for any text. */
export function fitsName(pattern: string, name: string): boolean {
  return wildcard(pattern, '[^]*').test(name);
}

function wildcard(pattern: string, star: string): RegExp {
  const parts = pattern.split('*').map(part => part.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&'));
  return new RegExp(`^(?:${parts.join(star)})$`);
}

function trimmed(text: string): string {
  return text.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '');
}
