// Keeps large messages from costing full garbage collections.
//
// V8 counts the memory of buffers towards the limit at which it marks its whole heap: some 16 MiB more than after the
// last marking, however young the buffers are. A collection of the young generation, a hundred times cheaper, would
// free them; but it starts when the young generation is full, and a large buffer takes next to no room there. So the
// young generation is filled as well.

/** Half the size of the buffer. That is enough even when the young generation has its largest size. */
const SHARE = 0.5;
/** The largest size of the young generation: this much causes a collection, and another one would free nothing more. */
const MAX_BYTES = 16 * 1024 * 1024;
/** V8 keeps larger objects in a space of their own. */
const PIECE_BYTES = 64 * 1024;
const ELEMENT_BYTES = 8;

/**
 * One piece, stored for a moment, else V8 may optimise the allocation away. All pieces together would survive the
 * collection, and grow the old generation, whose limit ends the process.
 */
const latest: unknown[] = [];

/** Fills the young generation for a new buffer of this size. */
export function addBallast(bytes: number): void {
  for (let left = Math.min(bytes * SHARE, MAX_BYTES); left > 0; left -= PIECE_BYTES) {
    latest[0] = new Array(Math.ceil(Math.min(left, PIECE_BYTES) / ELEMENT_BYTES));
  }
  latest.length = 0;
}
