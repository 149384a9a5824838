// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { idMaker } from '../../src/client/ids';

function maker(times: number[]) {
  let turn = 0;
  return idMaker({
    now: () => times[Math.min(turn++, times.length - 1)] ?? 0,
    randomBytes: bytes => bytes.fill(0xff)
  });
}

describe('ids', () => {
  it('are UUIDv7s that begin with the time', () => {
    expect(maker([0x0123456789ab])()).toMatch(
      /^01234567-89ab-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
    );
  });

  it('grow within a millisecond, when the clock stands still, and when it goes back', () => {
    const make = maker([5000, 5000, 4000]);
    const ids = Array.from({ length: 10_000 }, make);
    expect(ids).toEqual([...ids].sort());
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('differ between makers', () => {
    expect(idMaker()()).not.toBe(idMaker()());
  });
});
