/** Patterns in rules and in the administrator's terms, exactly as `jupyter_copilot/core/permissions/patterns.py`. */

/** What `*` stands for in a command: a part of one word or file name, never what separates, quotes or expands. */
const WORD = /^[A-Za-z0-9_.,:@%+-]*$/;
const ANY = /^[^]*$/;
const BLANK = ' \t\r\n';

/** Whether code is the command, but for white space around it. */
export function isCommand(command: string, code: string): boolean {
  return trimmed(code) === trimmed(command);
}

/** Whether the whole code is the pattern, but for white space around it. */
export function fitsCommand(pattern: string, code: string): boolean {
  return fits(trimmed(pattern), trimmed(code), WORD);
}

/** Whether a name is the pattern, where `*` stands for any text. */
export function fitsName(pattern: string, name: string): boolean {
  return fits(pattern, name, ANY);
}

/** Takes each part where it first stands: no regular expression, as that of many `*` could take for ever. */
function fits(pattern: string, text: string, star: RegExp): boolean {
  const [first, ...parts] = pattern.split('*') as [string, ...string[]];
  const last = parts.pop();
  if (last === undefined) {
    return text === first;
  }
  const end = text.length - last.length;
  let at = first.length;
  if (!text.startsWith(first) || !text.endsWith(last)) {
    return false;
  }
  for (const part of parts) {
    const found = text.indexOf(part, at);
    if (found < 0 || !star.test(text.slice(at, found))) {
      return false;
    }
    at = found + part.length;
  }
  return at <= end && star.test(text.slice(at, end));
}

function trimmed(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && BLANK.includes(text[start]!)) {
    start += 1;
  }
  while (start < end && BLANK.includes(text[end - 1]!)) {
    end -= 1;
  }
  return text.slice(start, end);
}
