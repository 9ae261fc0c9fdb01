// What keeps large messages from costing full garbage collections.
//
// V8 counts the memory of a buffer towards the limit at which it marks its whole heap: 16 MiB or so more than after the last time,
// however young the buffers are that have it. A young collection, a hundred times cheaper, gives it back; but that begins when the
// young generation is full, and a large buffer fills next to nothing of it. So the young generation is filled as well.

/** Half as much as the buffers have: enough, also where the young generation is at its largest. */
const SHARE = 0.5;
/** Larger objects have a space to themselves. */
const PIECE_BYTES = 64 * 1024;
const ELEMENT_BYTES = 8;

/** Where it goes first: what is kept nowhere need not be made at all. */
const pieces: unknown[] = [];

/** Fills the young generation for a new buffer of so many bytes. */
export function addBallast(bytes: number): void {
  for (let left = bytes * SHARE; left > 0; left -= PIECE_BYTES) {
    pieces.push(new Array(Math.ceil(Math.min(left, PIECE_BYTES) / ELEMENT_BYTES)));
  }
  pieces.length = 0;
}
