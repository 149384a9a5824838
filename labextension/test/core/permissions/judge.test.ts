// @vitest-environment node
import { expect, it } from 'vitest';
import { judge } from '../../../src/core/permissions/judge';
import type { Asked, Rule, Terms, Verdict } from '../../../src/protocol';
import { cases } from '../../fakes/vectors';

interface Case {
  terms: Terms;
  rules: Rule[];
  mode: string;
  asked: Asked;
  now: number;
  verdict: Verdict;
}

it.each(cases<Case>('permissions'))('$name', ({ terms, rules, mode, asked, now, verdict }) => {
  expect(judge(terms, rules, mode, asked, now)).toEqual(verdict);
});
