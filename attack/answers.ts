// The answers of a program to the process that has started it, over Node's channel between processes.

/** Answers by the names of their questions. */
export type Answers = Readonly<Record<string, (details: never) => unknown>>;

export interface Question {
  readonly id: number;
  readonly name: string;
  readonly details: unknown;
}

export interface Answer {
  readonly id: number;
  readonly answer?: unknown;
  readonly error?: string;
}

export function answerQuestions(answers: Answers): void {
  process.on("message", async ({ id, name, details }: Question) => {
    try {
      const answer = await answers[name]?.(details as never);
      process.send?.({ id, answer } satisfies Answer);
    } catch (error) {
      process.send?.({ id, error: String(error) } satisfies Answer);
    }
  });
}
