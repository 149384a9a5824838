/** Ids made here: UUIDv7, so that they sort by the time at which they were made, also within a millisecond. */

/** Where ids get their time and their randomness from. */
export interface IdSource {
  /** The time in unix ms. */
  now(): number;
  /** Fill the bytes with randomness and return them. */
  randomBytes(bytes: Uint8Array): Uint8Array;
}

/** The page's clock and cryptographic randomness. */
export const systemIds: IdSource = {
  now: () => Date.now(),
  randomBytes: bytes => crypto.getRandomValues(bytes)
};

/** A maker of UUIDv7s, each greater than the one before. */
export function idMaker(source: IdSource = systemIds): () => string {
  let time = 0;
  let counter = 0;
  return () => {
    const bytes = source.randomBytes(new Uint8Array(16));
    const now = source.now();
    if (now > time) {
      time = now;
      counter = byte(bytes, 6) & 0x07; // leaves room to count up within the 12 bits
    } else if (++counter > 0xfff) {
      time += 1; // the counter ran over, or the clock went back: borrow from the future
      counter = 0;
    }
    return format(stamped(bytes, time, counter));
  };
}

function stamped(bytes: Uint8Array, time: number, counter: number): Uint8Array {
  for (let i = 0; i < 6; i++) {
    bytes[i] = Math.floor(time / 2 ** (8 * (5 - i))) % 256;
  }
  bytes[6] = 0x70 | (counter >> 8);
  bytes[7] = counter & 0xff;
  bytes[8] = 0x80 | (byte(bytes, 8) & 0x3f);
  return bytes;
}

function format(bytes: Uint8Array): string {
  const hex = Array.from(bytes, value => value.toString(16).padStart(2, '0')).join('');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20)
  ].join('-');
}

function byte(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0;
}
