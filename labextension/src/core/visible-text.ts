/** Why a text is not what it looks like; Python has the same kinds, by the same rules. */
export type Hazard = 'control' | 'bidi' | 'invisible' | 'space' | 'lookalike' | 'combining' | 'far';

export interface VisibleText {
  /** The text with every character written out that hides, reorders, or looks like another: ⟨U+202E⟩. */
  text: string;
  /** The kinds of hazards in it, each once; empty for a text that is what it seems. */
  hazards: Hazard[];
}

const ORDER = 'control bidi invisible space lookalike combining far'.split(' ') as Hazard[];
/** So many combining marks may stand on one letter. */
const MOST_MARKS = 3;
const TAB = '→\t';

const HARMLESS = /^[\n -~]*$/;
const BIDI = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}]/u;
const SPACE = /\p{Zs}/u;
const UNASSIGNED = /[\p{Cf}\p{Co}\p{Cs}\p{Cn}]/u;
const DRAWN_AS_NOTHING =
  /\u034f|[\u115f\u1160]|\u17b4|\u17b5|[\u180b-\u180f]|[\u2800\u3164]|[\ufe00-\ufe0f]|[\uffa0\ufffc]|\u{16fe4}|\u{1d159}|[\u{e0000}-\u{e0fff}]/u;
const SELECTOR = /\ufe0e|\ufe0f/;
const JOINER = '\u200d';
const EMOJI = /[\u{1f000}-\u{1faff}]/u;
const PICTURE = /[\p{So}\u{1f000}-\u{1faff}]/u;
const COMBINING = /[\p{Mn}\p{Me}]/u;
const ENCLOSING = /\p{Me}/u;
const LETTER = /\p{L}/u;
const SIGN = /[\p{P}\p{S}]/u;
/** What is written as its length: 8 empty lines and more, 40 blanks and more before something; and tabs. */
const FAR =
  /(?<lines>(?<![^\n])(?:[ \t]*\n){8,})|(?<blanks>(?<![ \t])[ \t]{40,}(?=[^ \t\n]))|(?<tab>\t)/g;
const WORD = /[\p{L}\p{N}_]+/gu;
const ASCII = /^[\0-\x7f]*$/;
const LATIN = /[A-Za-z]/;

/** What is written from right to left. */
const RTL = String.raw`\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}`;
/** What is drawn from right to left as a whole: no letter that is written from left to right ends it. */
const TURNED = new RegExp(String.raw`[${RTL}](?:[^\p{L}\p{N}\n${RTL}]*[\p{Nd}${RTL}])+`, 'gu');
const PHRASE = new RegExp(`[${RTL}](?:[ ${RTL}]*[${RTL}])?`, 'gu');
const ONE_PHRASE = new RegExp(String.raw`^[ \p{Nd}${RTL}]+$`, 'u');
const SENTENCE = new RegExp(String.raw`^(?:[ \p{Nd}${RTL}]|[,.;:!?،؛؟…](?= |\p{Nd}))+$`, 'u');
const COMMENT = /^[^\p{L}\p{N}_"'`]*#/u;
const OF_CODE = /[=()[\]{}<>"'`+*/%&|^~@\\$-]/;

/** Scripts whose letters and digits are suspicious in a word that has ASCII letters too. */
const MIXED = anyOf(
  'Cyrillic Armenian Hebrew Arabic Syriac Thaana Nko Georgian Devanagari Bengali Gurmukhi Gujarati Oriya Tamil ' +
    'Telugu Kannada Malayalam Sinhala Thai Lao Tibetan Myanmar Ethiopic Khmer Mongolian Runic Ogham'
);
/** Scripts that are next to never written in notebooks and have many letters that look like Latin ones. */
const POSING = anyOf(
  'Cherokee Lisu Coptic Deseret Gothic Osage Old_Italic Carian Lycian Lydian Vai Tifinagh Canadian_Aboriginal Elbasan'
);
/** Letters that are drawn as ASCII letters or signs are. */
const LIKE_ASCII = new Set('аеорсухѕіјԁԛԝһӏѵАВЕКМНОРСТХҮЅІЈԚԜӀѴοινΑΒΕΖΗΙΚΜΝΟΡΤΥΧϲϳօսհոցɑɡɩȷǃǀ');
/** Greek letters that pass for Latin ones next to those, and are common variables when they stand alone. */
const NEARLY = new Set('αργκχυητ');
/** Signs that are drawn as ASCII signs are, without being compatible with them in Unicode. */
const SIGNS = new Set(
  '\ua789\u2236\u2215\u2044\u2216\u201a\u2010\u2011\u2043\u2217\u02d0\u02c8\u2223'
);

/** The marks in a visible text: nothing else in it begins as they do. */
export const MARKS = /⟨(?:U\+[0-9A-F]+(?: ×\d+)?|\d+ (?:blanks|empty lines))⟩|→(?=\t)/g;

/** What matches the letters of some scripts, for the brackets of an expression. */
export function lettersOf(scripts: string): string {
  return scripts.replace(/(\w+) ?/g, '\\p{Script=$1}');
}

function anyOf(scripts: string): RegExp {
  return new RegExp(`[${lettersOf(scripts)}]`, 'u');
}

/** What a person must be able to judge by reading, with nothing in it that hides, poses or is far away. */
export function visibleText(source: string): VisibleText {
  const text = source.replaceAll('\r\n', '\n');
  const isAscii = HARMLESS.test(text);
  const far = new Map([...text.matchAll(FAR)].map(found => [found.index, found]));
  if (isAscii && far.size === 0) {
    return { text, hazards: [] };
  }
  const marks = new Marks(text);
  const posing = posingLetters(text);
  const turning = endsBeforeTurned(text);
  let combined = 0;
  let base = ' ';
  while (marks.at < text.length) {
    const { at } = marks;
    const stretch = far.get(at);
    if (stretch) {
      writeStretch(marks, stretch);
      [combined, base] = [0, ' '];
      continue;
    }
    const char = String.fromCodePoint(text.codePointAt(at)!);
    const isCombining = COMBINING.test(char);
    combined = isCombining ? combined + 1 : 0;
    base = isCombining ? base : char;
    const hazard = posing.has(at) ? 'lookalike' : hazardOf(text, at, char, combined, base);
    if (hazard === null && !turning.has(at)) {
      marks.keep(char.length);
    } else if (hazard === null || hazard === 'lookalike') {
      marks.keep(char.length);
      // Its letters are written from left to right, so that what follows stays behind it.
      marks.put(0, `⟨${numberOf(char)}⟩`, hazard ?? 'bidi');
    } else {
      let times = 1;
      while (text.startsWith(char, at + times * char.length)) {
        times += 1;
      }
      const number = times === 1 ? numberOf(char) : `${numberOf(char)} ×${times}`;
      marks.put(times * char.length, `⟨${number}⟩${char === '\r' ? '\n' : ''}`, hazard);
    }
  }
  return marks.done();
}

/** Takes a text over from its beginning to its end. */
class Marks {
  at = 0;

  constructor(private readonly source: string) {}

  /** Goes on, keeping what stands there. */
  keep(length: number): void {
    this.text.push(this.source.slice(this.at, this.at + length));
    this.at += length;
  }

  /** Goes on, writing something else in place of what stands there. */
  put(length: number, text: string, hazard: Hazard | null): void {
    this.text.push(text);
    this.at += length;
    if (hazard !== null) {
      this.hazards.add(hazard);
    }
  }

  done(): VisibleText {
    const hazards = ORDER.filter(hazard => this.hazards.has(hazard));
    return { text: this.text.join(''), hazards };
  }

  private readonly text: string[] = [];
  private readonly hazards = new Set<Hazard>();
}

function writeStretch(marks: Marks, { 0: found, groups }: RegExpMatchArray): void {
  if (groups?.['lines'] !== undefined) {
    marks.put(found.length, `⟨${found.split('\n').length - 1} empty lines⟩\n`, 'far');
  } else if (groups?.['blanks'] !== undefined) {
    marks.put(found.length, `⟨${found.length} blanks⟩`, 'far');
  } else {
    marks.put(1, TAB, null);
  }
}

/** What is wrong with a character that is no letter of a posing word. */
function hazardOf(
  text: string,
  at: number,
  char: string,
  combined: number,
  base: string
): Hazard | null {
  if (char === '\n' || (char >= ' ' && char <= '~')) {
    return null;
  }
  if (BIDI.test(char)) {
    return 'bidi';
  }
  if (CONTROL.test(char)) {
    return 'control';
  }
  if (SPACE.test(char)) {
    return 'space';
  }
  if (UNASSIGNED.test(char) || DRAWN_AS_NOTHING.test(char)) {
    return EMOJI.test(char) || isOfEmoji(text, at, char) ? null : 'invisible';
  }
  if (combined > 0) {
    return combined <= MOST_MARKS && !ENCLOSING.test(char) && LETTER.test(base)
      ? null
      : 'combining';
  }
  const poses = SIGNS.has(char) || isAsciiInDisguise(char) || isOurs(text, at);
  return SIGN.test(char) && poses ? 'lookalike' : null;
}

/** Whether what begins there could be taken for a mark of ours. */
function isOurs(text: string, at: number): boolean {
  return /^⟨(?:U\+|\d)/.test(text.slice(at, at + 3));
}

/** Whether the character there belongs to an emoji: a selector after it, or a joiner between two. */
function isOfEmoji(text: string, at: number, char: string): boolean {
  const before = [...text.slice(Math.max(0, at - 2), at)].pop() ?? ' ';
  if (SELECTOR.test(char)) {
    return /[\p{So}\p{Sm}]/u.test(before);
  }
  const after = text.codePointAt(at + 1);
  return (
    char === JOINER &&
    after !== undefined &&
    PICTURE.test(String.fromCodePoint(after)) &&
    (PICTURE.test(before) || SELECTOR.test(before))
  );
}

/**
 * Where phrases from right to left end, after which signs and numbers would be drawn in another order: `א - ב` is drawn
 * as its reverse without any character that is not seen. Prose is as it should be.
 */
function endsBeforeTurned(text: string): Set<number> {
  const found = new Set<number>();
  for (const { 0: run, index } of text.matchAll(TURNED)) {
    if (isProse(text, index, run)) {
      continue;
    }
    for (const phrase of run.matchAll(PHRASE)) {
      const end = phrase.index + phrase[0].length;
      if (end < run.length) {
        found.add(index + end - [...phrase[0]].pop()!.length);
      }
    }
  }
  return found;
}

/** Whether it has no signs of code, or stands in the line of a comment. */
function isProse(text: string, at: number, run: string): boolean {
  const end = text.indexOf('\n', at);
  const line = text.slice(text.lastIndexOf('\n', at) + 1, end < 0 ? undefined : end);
  return ONE_PHRASE.test(run) || (SENTENCE.test(run) && !OF_CODE.test(line)) || COMMENT.test(line);
}

/** Where letters stand that are drawn as ASCII letters, in words where they would be taken for these. */
function posingLetters(text: string): Set<number> {
  const found = new Set<number>();
  for (const { 0: word, index } of text.matchAll(WORD)) {
    if (!ASCII.test(word)) {
      posingIn(word, index, found);
    }
  }
  return found;
}

function posingIn(word: string, start: number, found: Set<number>): void {
  const chars = [...word];
  const hasLatin = LATIN.test(word);
  const allAlike = chars.every(c => ASCII.test(c) || LIKE_ASCII.has(c) || !LETTER.test(c));
  let at = start;
  chars.forEach((char, index) => {
    const poses =
      !ASCII.test(char) &&
      /[\p{L}\p{Nd}\p{Nl}]/u.test(char) &&
      (POSING.test(char) ||
        isAsciiInDisguise(char) ||
        (LIKE_ASCII.has(char) && (hasLatin || allAlike)) ||
        (NEARLY.has(char) && LATIN.test(`${chars[index - 1] ?? ''}${chars[index + 1] ?? ''}`)) ||
        (MIXED.test(char) && hasLatin));
    if (poses) {
      found.add(at);
    }
    at += char.length;
  });
}

/** Whether Unicode holds the character compatible with ASCII text: Python reads such letters as ASCII ones. */
function isAsciiInDisguise(char: string): boolean {
  const plain = char.normalize('NFKC');
  return plain !== char && ASCII.test(plain) && (plain.length === 1 || LETTER.test(char));
}

function numberOf(char: string): string {
  return `U+${char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;
}
