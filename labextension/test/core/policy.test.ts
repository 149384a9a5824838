// @vitest-environment node
import { expect, it } from 'vitest';
import { bar } from '../../src/core/policy';
import type { Actor, Call, Command, Confirmation, Effect, Right } from '../../src/protocol';
import { cases } from '../fakes/vectors';

interface Case {
  command: Command;
  actor: Actor;
  can: Right[];
  confirmation?: Confirmation;
  effect?: Effect;
  call?: Partial<Call>;
  bar: string | null;
}

it.each(cases<Case>('policy'))(
  '$name',
  ({ command, actor, can, confirmation, effect, call, bar: expected }) => {
    const known = call ?? (effect && { effect });
    const calls: { [id: string]: Call } = known ? { c: known as Call } : {};
    const confirmations = confirmation ? { [confirmation.confirmation_id]: confirmation } : {};
    expect(bar({ calls, confirmations }, command, actor, can)).toBe(expected);
  }
);
