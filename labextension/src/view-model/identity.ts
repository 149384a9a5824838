/** Hues that are told apart at a glance and carry white letters with enough contrast. */
const PALETTE = [
  '#7b5ea7',
  '#00796b',
  '#b0483c',
  '#3f5fb5',
  '#8a6100',
  '#2e7d32',
  '#a8417f',
  '#546e7a'
] as const;

const PLAIN_HEX = /^#[0-9a-f]{6}$/i;
const JUPYTER_COLOR = /^var\(--jp-collaborator-color[1-7]\)$/;

export interface IdentityColors {
  background: string;
  foreground: string;
}

/** The colours of a person: the ones that the server names, else always the same ones for the same id. */
export function colorsOf(id: string, named?: string | null): IdentityColors {
  if (named && PLAIN_HEX.test(named)) {
    return { background: named, foreground: luminance(named) > 0.3 ? '#111' : '#fff' };
  }
  if (named && JUPYTER_COLOR.test(named)) {
    // JupyterLab's own colours are light in light themes and deep in dark ones, as the inverse of its text.
    return { background: named, foreground: 'var(--jp-ui-font-color0)' };
  }
  return { background: PALETTE[hash(id) % PALETTE.length] ?? PALETTE[0], foreground: '#fff' };
}

/** At most two letters for a name: of its first and last word, or the first two of its only one. */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/u).filter(Boolean);
  const first = words[0];
  if (first === undefined) {
    return '?';
  }
  const last = words.length > 1 ? words[words.length - 1] : undefined;
  const letters = last ? [letter(first), letter(last)] : [...first].slice(0, 2);
  return letters.join('').toLocaleUpperCase();
}

function letter(word: string): string {
  return [...word][0] ?? '';
}

function hash(text: string): number {
  let value = 2166136261;
  for (let i = 0; i < text.length; i++) {
    value = Math.imul(value ^ text.charCodeAt(i), 16777619);
  }
  return value >>> 0;
}

/** Relative luminance as WCAG defines it, 0 to 1. */
function luminance(hex: string): number {
  const channel = (start: number) => {
    const value = parseInt(hex.slice(start, start + 2), 16) / 255;
    return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}
