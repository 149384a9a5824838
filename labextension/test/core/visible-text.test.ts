// @vitest-environment node
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

import { MARKS, visibleText } from '../../src/core/visible-text';

interface Hostile {
  name: string;
  source: string;
  visible: string;
  hazards: string[];
}

const CORPUS = resolve(__dirname, '../../../tests/hostile/sources.json');
const SOURCES = (JSON.parse(readFileSync(CORPUS, 'utf8')) as { sources: Hostile[] }).sources;

describe('a source is drawn as what it is, as in Python', () => {
  it.each(SOURCES.map(hostile => [hostile.name, hostile] as const))('%s', (_, hostile) => {
    const { text, hazards } = visibleText(hostile.source);
    expect(text).toBe(hostile.visible);
    expect(hazards).toEqual(hostile.hazards);
  });
});

it('the marks can be found again, and nothing else poses as one', () => {
  const { text } = visibleText('us\u0435r\u200b # ⟨U+202E⟩\t' + ' '.repeat(50) + ';');
  expect(text.match(MARKS)).toEqual(['⟨U+0435⟩', '⟨U+200B⟩', '⟨U+27E8⟩', '⟨51 blanks⟩']);
});

it.each([
  [' '.repeat(300_000) + '\n'],
  ['\t \n'.repeat(60_000) + 'x'],
  ['\u0430'.repeat(100_000)],
  ['a\u0301'.repeat(50_000)]
])('a long text takes time that grows with its length only', text => {
  const began = performance.now();
  visibleText(text);
  expect(performance.now() - began).toBeLessThan(3000);
});
