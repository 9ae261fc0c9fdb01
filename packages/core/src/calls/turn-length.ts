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
   * Shortens the next turn at once if the calls of one took too long, and lengthens it by one call if a full one was
   * short: what made it long may come again, and under load a hundred turns of quick calls take a few milliseconds. A
   * turn that was long for another reason does neither: events of streams could otherwise hide what calls cost.
   *
   * @param calls how many it started
   * @param ms how long it took, in milliseconds: its handlers, and what followed before other I/O
   * @param events how many events of calls that already ran it had; each is taken to cost as much as a new call
   */
  learn(calls: number, ms: number, events = 0): void {
    const msOfCalls = (ms * calls) / (calls + events);
    if (msOfCalls > TURN_MS) {
      this.#calls = Math.min(this.#calls, Math.max(1, Math.floor((calls * TURN_MS) / msOfCalls)));
    } else if (ms <= TURN_MS && calls >= this.#calls) this.#calls = Math.min(MAX_CALLS, this.#calls + 1);
  }
}
