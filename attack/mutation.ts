// Random changes of requests, which a seed repeats.

/** A number from 0 up to, but not including, `below`. */
export type Random = (below: number) => number;

/** Bytes that mean something to a parser: ends of lines, separators, flags, extremes of numbers. */
const TELLING = [0, 1, 0x0a, 0x0d, 0x20, 0x2c, 0x30, 0x3a, 0x7f, 0x80, 0xfe, 0xff];
const MAX_CHANGES = 4;
const MAX_BYTES = 16;

/** The generator mulberry32: short, and the same on every machine. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return Math.floor((((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

type Change = (bytes: Buffer, at: number, random: Random) => Buffer;

const changes: readonly Change[] = [
  // A bit is flipped.
  (bytes, at, random) => replaced(bytes, at, 1, Buffer.from([(bytes[at] ?? 0) ^ (1 << random(8))])),
  // A byte becomes one that means something.
  (bytes, at, random) => replaced(bytes, at, 1, Buffer.from([TELLING[random(TELLING.length)] ?? 0])),
  // Bytes are inserted.
  (bytes, at, random) => replaced(bytes, at, 0, noise(random)),
  // Bytes are left out.
  (bytes, at, random) => replaced(bytes, at, 1 + random(MAX_BYTES), Buffer.alloc(0)),
  // Bytes are overwritten.
  (bytes, at, random) => {
    const written = noise(random);
    return replaced(bytes, at, written.length, written);
  },
  // A number becomes a large one.
  (bytes, at, random) => replaced(bytes, at, 4, Buffer.alloc(4, random(2) === 0 ? 0xff : 0x39)),
  // The rest is missing.
  (bytes, at) => bytes.subarray(0, at),
];

/** The bytes, changed in one to four places. */
export function mutated(bytes: Buffer, random: Random): Buffer {
  let result = bytes;
  for (let left = 1 + random(MAX_CHANGES); left > 0; left -= 1) {
    const change = changes[random(changes.length)];
    if (change !== undefined) result = change(result, random(result.length + 1), random);
  }
  return result;
}

function replaced(bytes: Buffer, at: number, length: number, by: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, at), by, bytes.subarray(at + length)]);
}

function noise(random: Random): Buffer {
  return Buffer.from(Array.from({ length: 1 + random(MAX_BYTES) }, () => random(256)));
}
