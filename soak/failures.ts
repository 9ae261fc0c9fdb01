// Everything that was not as expected. Each line is printed when it first happens, and counted after that.

/** More are not told apart: a server that is broken makes a new one with each call. */
const MOST_LINES = 50;

export class Failures {
  readonly #lines = new Map<string, number>();

  add(line: string): void {
    const times = this.#lines.get(line) ?? 0;
    if (times === 0 && this.#lines.size < MOST_LINES) console.log(`unexpected: ${line}`);
    this.#lines.set(line, times + 1);
  }

  /** How often anything was unexpected. */
  get count(): number {
    return [...this.#lines.values()].reduce((sum, times) => sum + times, 0);
  }

  /** Whether it is pointless to go on. */
  get areMany(): boolean {
    return this.#lines.size >= MOST_LINES;
  }

  /** Those that happened more than once, for the end of the run. */
  get repeated(): string[] {
    return [...this.#lines].filter(([, times]) => times > 1).map(([line, times]) => `${times} times: ${line}`);
  }
}
