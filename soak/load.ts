// The load: workers that each do one job after the other.
import { type ClientKind, clientKinds, type SoakClient } from "./clients.ts";
import { lineOf } from "./expect.ts";
import type { Failures } from "./failures.ts";
import type { Job } from "./jobs/job.ts";
import type { Random } from "./random.ts";

/** Jobs at a time. */
const WORKERS = 16;
/** A job that takes longer hangs. */
const JOB_MS = 30_000;

export class Load {
  readonly #jobs: readonly Job[];
  readonly #failures: Failures;
  readonly #random: Random;
  readonly #clients: { readonly kind: ClientKind; readonly url: string; client: SoakClient }[];
  readonly #done = new Map<string, number>();
  /** Those that have not been done yet: each is done at least once, whatever the chance. */
  readonly #first: Job[];

  /** Connects a client of each kind to each server. */
  constructor(urls: readonly string[], jobs: readonly Job[], failures: Failures, random: Random) {
    this.#jobs = jobs;
    this.#failures = failures;
    this.#random = random;
    this.#first = [...jobs];
    this.#clients = urls.flatMap((url) => clientKinds.map((kind) => ({ kind, url, client: kind(url, random) })));
  }

  /** How often each job was done. */
  get done(): ReadonlyMap<string, number> {
    return this.#done;
  }

  /** Works for so many milliseconds, and then until the last job is done. */
  async run(ms: number): Promise<void> {
    const until = performance.now() + ms;
    const worker = async () => {
      while (performance.now() < until && !this.#failures.areMany) await this.#work();
    };
    await Promise.all(Array.from({ length: WORKERS }, worker));
  }

  /** Replaces some of the clients by new ones, with connections of their own. */
  renew(): void {
    for (const entry of this.#clients) {
      if (!this.#random.once(4)) continue;
      entry.client.close();
      entry.client = entry.kind(entry.url, this.#random);
    }
  }

  close(): void {
    for (const { client } of this.#clients) client.close();
  }

  async #work(): Promise<void> {
    const job = this.#first.shift() ?? this.#random.weighted(this.#jobs);
    const { client } = this.#random.pick(this.#clients.filter(({ client }) => job.suits?.(client) ?? true));
    try {
      await within(JOB_MS, job.run(client, this.#random));
    } catch (error) {
      this.#failures.add(`${job.name}, ${client.name}: ${lineOf(error)}`);
    }
    this.#done.set(job.name, (this.#done.get(job.name) ?? 0) + 1);
  }
}

/** Rejects if it takes longer. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it did not end within ${ms / 1_000} s`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
