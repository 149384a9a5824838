import { describe, expect, test } from 'vitest';

import { isLost, offers, patience, stands, type TabSituation } from '../../src/executor/claims';
import type { Claim, RoomState } from '../../src/protocol';
import { ALICE, NOW, Scene } from '../../gallery/fixtures';

const OFFER: Claim = {
  fence: 3,
  operation: {},
  until: NOW,
  prefer: null,
  client_id: null,
  session: null,
  started: false
};

function state(claim: Claim | null, run = {}): RoomState {
  return new Scene()
    .say(ALICE, NOW, 'x', run)
    .call('Run cell 1', NOW, { status: 'started', effect: 'execute', claim, report: null })
    .state();
}

const tab = (more: Partial<TabSituation> = {}): TabSituation => ({
  clientId: 'me',
  present: new Set(['me', 'other']),
  focused: true,
  random: 0,
  ...more
});

describe('an offered call', () => {
  test('is seen while nobody holds it', () => {
    expect(offers(state(OFFER)).map(call => call.call_id)).toEqual(['c2']);
    expect(offers(state({ ...OFFER, client_id: 'other' }))).toEqual([]);
    expect(offers(state(null))).toEqual([]);
  });

  test('stands only under the fence that was seen', () => {
    expect(stands(state(OFFER), 'c2', 3)).toBe(true);
    expect(stands(state(OFFER), 'c2', 2)).toBe(false);
  });

  test('is taken at once by the tab that asked, and by the others later', () => {
    const preferred = { ...OFFER, prefer: 'other' };
    expect(patience({ ...OFFER, prefer: 'me' }, tab())).toBe(0);
    expect(patience(preferred, tab())).toBeGreaterThan(
      patience(OFFER, tab({ focused: false, random: 1 }))
    );
    expect(patience(preferred, tab({ present: new Set(['me']) }))).toBe(patience(OFFER, tab()));
    expect(patience(OFFER, tab({ focused: false }))).toBeGreaterThan(patience(OFFER, tab()));
  });
});

describe('a call that a tab works on', () => {
  const mine = { ...OFFER, client_id: 'me', started: true };

  test('is its own while its claim holds', () => {
    expect(isLost(state(mine), 'c2', 3, 'me')).toBe(false);
  });

  test.each([
    ['another tab has it', state({ ...mine, client_id: 'other' })],
    ['it is offered anew', state({ ...OFFER, fence: 4 })],
    ['the offer was taken back', state(null)],
    ['its run was stopped', state(mine, { status: 'finished', outcome: 'cancelled' })]
  ])('is lost when %s', (_, after) => {
    expect(isLost(after, 'c2', 3, 'me')).toBe(true);
  });
});
