// For programs that do something many times: by how much their memory grows.
import { setTimeout as sleep } from "node:timers/promises";

interface Repetition {
  /** Before the first look: for what is kept once and for all. */
  readonly warmUp: () => Promise<unknown>;
  readonly work: () => Promise<unknown>;
  /** Bytes. */
  readonly figure: () => number;
}

/** The smallest figure of these looks counts: what only waits for a collector is not kept. */
const LOOKS = 10;
const LOOK_EVERY_MS = 100;

/** In MiB. */
export async function growthOf({ warmUp, work, figure }: Repetition): Promise<number> {
  await warmUp();
  const before = await least(figure);
  await work();
  return ((await least(figure)) - before) / 1024 / 1024;
}

async function least(figure: () => number): Promise<number> {
  const figures: number[] = [];
  for (let look = 0; look < LOOKS; look += 1) {
    await sleep(LOOK_EVERY_MS); // For streams and threads to end.
    globalThis.gc?.();
    figures.push(figure());
  }
  return Math.min(...figures);
}
