// How many calls a turn of the event loop may start, so that none takes long: a call that arrives meanwhile, timers and
// other I/O wait for its end.

/** The most calls of a turn. */
export const MAX_CALLS = 128;
/** The most calls of the first turn, whose code is not compiled yet. */
const FIRST_CALLS = 4;
/** How long a turn may take, in milliseconds. */
const TURN_MS = 5;

/**
 * Learns from each turn what the next one may start. A connection that sends expensive calls, as those with responses
 * of a megabyte, delays the calls of others by one turn for each of theirs. Only the first such turn is long: nobody
 * knows what calls cost before they have run.
 */
export class TurnLength {
  #calls = FIRST_CALLS;

  /** The most calls that the next turn may start: 1 to `MAX_CALLS`. */
  get calls(): number {
    return this.#calls;
  }

  /** Whether it would change anything to know how long a turn with so many calls takes. */
  learnsFrom(calls: number): boolean {
    return calls > 1 || calls === this.#calls;
  }

  /**
   * Shortens the next turn at once if one was too long, and lengthens it by one call if a full one was not: what made
   * it long may come again, and under load a hundred turns of quick calls take a few milliseconds.
   *
   * @param calls how many it started
   * @param ms how long they took, in milliseconds: their handlers, and what followed before other I/O
   */
  learn(calls: number, ms: number): void {
    if (ms > TURN_MS) this.#calls = Math.min(this.#calls, Math.max(1, Math.floor((calls * TURN_MS) / ms)));
    else if (calls >= this.#calls) this.#calls = Math.min(MAX_CALLS, this.#calls + 1);
  }
}
