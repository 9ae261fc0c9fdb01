// A server that is started and stopped with calls in flight, again and again, on one port.
import { clientKinds, type SoakClient } from "./clients.ts";
import { SLOW, WAIT } from "./directives.ts";
import { lineOf, same, Unexpected } from "./expect.ts";
import type { Failures } from "./failures.ts";
import { jobs } from "./jobs/index.ts";
import { within } from "./load.ts";
import { type Outcome, outcomeOf } from "./outcome.ts";
import type { Random } from "./random.ts";
import type { ServerProcess } from "./server-process.ts";

/** Calls that are in flight when the server stops: so many of each kind of client. */
const CALLS = 3;
/** A life that takes longer hangs. */
const LIFE_MS = 30_000;
/** Calls that may end do so long before this. */
const PATIENT_MS = 20_000;
const IMPATIENT_MS = 50;

export class Restarts {
  readonly #process: ServerProcess;
  readonly #failures: Failures;
  readonly #random: Random;
  #port = 0;
  #lives = 0;

  constructor(process: ServerProcess, failures: Failures, random: Random) {
    this.#process = process;
    this.#failures = failures;
    this.#random = random;
  }

  /** How often a server was started and stopped. */
  get lives(): number {
    return this.#lives;
  }

  /** Starts and stops servers for so many milliseconds. */
  async run(ms: number): Promise<void> {
    const until = performance.now() + ms;
    while (performance.now() < until && !this.#failures.areMany) {
      const isPatient = this.#random.once(2);
      const what = `a server that stops and ${isPatient ? "waits for its calls" : "aborts its calls"}`;
      try {
        await within(LIFE_MS, this.#live(isPatient));
      } catch (error) {
        this.#failures.add(`${what}: ${lineOf(error)}`);
        // Where one hangs the next one would, too.
        return;
      }
      this.#lives += 1;
    }
  }

  async #live(isPatient: boolean): Promise<void> {
    const random = this.#random;
    const timeout = isPatient ? PATIENT_MS : IMPATIENT_MS;
    const [secure, interceptors] = [random.once(2), random.once(2)];
    const url = await this.#process.startMoment({ port: this.#port, secure, interceptors, timeout });
    this.#port = Number(new URL(url).port);
    const clients = clientKinds.map((kind) => kind(url, random));
    try {
      const job = random.pick(jobs.filter(({ suits }) => suits === undefined));
      await job.run(random.pick(clients), random);
      const calls = await this.#inFlight(clients, isPatient ? SLOW : WAIT);
      const { ms } = await this.#process.stopMoment();
      const outcomes = await Promise.all(calls);
      if (isPatient) for (const outcome of outcomes) checkAnswer(outcome);
      else for (const outcome of outcomes) checkAborted(outcome);
      if (ms > PATIENT_MS / 2) throw new Unexpected(`stop() took ${Math.round(ms)} ms`);
    } finally {
      for (const client of clients) client.close();
    }
  }

  /** Calls whose handlers have begun: each has sent its first message. */
  async #inFlight(clients: readonly SoakClient[], text: string): Promise<Promise<Outcome>[]> {
    const calls: Promise<Outcome>[] = [];
    const begun: Promise<unknown>[] = [];
    for (const client of clients) {
      for (let index = 0; index < CALLS; index += 1) {
        begun.push(
          new Promise<void>((resolve) => {
            const asked = { requests: [{ text, count: 1 }], onMessage: () => resolve() };
            const call = outcomeOf(client, { kind: index === 0 ? "bidi stream" : "server stream", ...asked });
            calls.push(call);
            // A call that fails before that is judged by its outcome.
            call.then(
              () => resolve(),
              () => resolve(),
            );
          }),
        );
      }
    }
    await Promise.all(begun);
    return calls;
  }
}

function checkAnswer({ messages, error }: Outcome): void {
  if (error !== undefined) throw error;
  same(
    messages.map(({ text, index }) => [text, index]),
    [[SLOW, 0]],
    "the messages of a call that was waited for",
  );
}

function checkAborted({ messages, error }: Outcome): void {
  if (error === undefined) throw new Unexpected("a call succeeded whose server was closed");
  same(
    messages.map(({ text, index }) => [text, index]),
    [[WAIT, 0]],
    "the messages of a call that was aborted",
  );
}
