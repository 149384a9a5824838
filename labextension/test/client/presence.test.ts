// @vitest-environment node
import { expect, it } from 'vitest';
import { PRESENCE_EVERY_MS, PresenceKeeper, TYPING_ENDS_MS } from '../../src/client/presence';
import type { Presence } from '../../src/client/presence';
import { FakeWorld } from '../fakes/world';

function keeper() {
  const world = new FakeWorld();
  const sent: Presence[] = [];
  return { world, sent, presence: new PresenceKeeper(world, shown => sent.push(shown)) };
}

it('the first change goes out at once, and the latest of the others after a while', () => {
  const { world, sent, presence } = keeper();
  for (const reviewing of ['q1', 'q2', 'q3']) {
    presence.set({ reviewing });
  }
  expect(sent.map(each => each.reviewing)).toEqual(['q1']);
  world.pass(PRESENCE_EVERY_MS);
  expect(sent.map(each => each.reviewing)).toEqual(['q1', 'q3']);
});

it('what does not change is not sent', () => {
  const { world, sent, presence } = keeper();
  presence.set({ focused: false });
  presence.set({ focused: true });
  world.pass(PRESENCE_EVERY_MS);
  presence.set({ focused: true });
  world.pass(10_000);
  expect(sent).toHaveLength(1);
});

it('keys that follow each other are one typing, which ends by itself', () => {
  const { world, sent, presence } = keeper();
  for (let key = 0; key < 30; key++) {
    presence.typing('main', true);
    world.pass(200);
  }
  expect(sent).toEqual([
    { thread_id: 'main', typing: true, reviewing: null, document: null, focused: false }
  ]);
  world.pass(TYPING_ENDS_MS);
  expect(sent.map(each => each.typing)).toEqual([true, false]);
  presence.dispose();
  expect(world.pendingTimers).toBe(0);
});

it('sending ends the typing at once', () => {
  const { world, sent, presence } = keeper();
  presence.typing('main', true);
  presence.typing('main', false);
  world.pass(PRESENCE_EVERY_MS);
  expect(sent.map(each => each.typing)).toEqual([true, false]);
});
