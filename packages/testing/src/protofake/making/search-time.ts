// The time that expressions may take while one fake is made.

/** Where each validation takes milliseconds, a search by their number alone would take minutes. */
const MOST_MS = 5000;

export class SearchTime {
  #spentMs = 0;

  /** Whether expressions took so long that no more values are tried. */
  get isOver(): boolean {
    return this.#spentMs > MOST_MS;
  }

  /** Calls a function that evaluates expressions, and adds the time that it takes. */
  measure<Result>(evaluate: () => Result): Result {
    const start = performance.now();
    try {
      return evaluate();
    } finally {
      this.#spentMs += performance.now() - start;
    }
  }

  /** What the validator said, and that there was no time for more. */
  explained(complaint: string): string {
    return this.isOver ? `${complaint}; its expressions took more than ${MOST_MS / 1000} seconds` : complaint;
  }
}
