// Steady load of one client: unary calls one after the other in a few lanes, and streams that are opened again.
import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "./clients/client.ts";
import type { Report } from "./report.ts";

const LANES = 4;
const STREAMS = 2;
/** In the reason of a call whose connection was refused. */
const REFUSED = "ECONNREFUSED";
/** A call that takes longer is never answered. */
const MOST_MS = 10_000;
/** Between two calls of a lane. */
const PAUSE_MS = 4;
/** A stream that ends at once is not opened again at once. */
const STREAM_PAUSE_MS = 50;

/** Runs until the signal aborts. */
export async function load(client: Client, signal: AbortSignal): Promise<Report> {
  const report: Report = { client: client.name, calls: 0, retried: 0, failures: {}, streams: {} };
  const lane = async (lane: number) => {
    while (!signal.aborted) {
      const text = `${lane} ${report.calls}`;
      let outcome = await outcomeOf(client, text);
      while (outcome?.includes(REFUSED) && !signal.aborted) {
        report.retried += 1;
        await sleep(PAUSE_MS); // The rate of the load.
        outcome = await outcomeOf(client, text);
      }
      report.calls += 1;
      if (outcome !== undefined) report.failures[outcome] = (report.failures[outcome] ?? 0) + 1;
      await sleep(PAUSE_MS); // The rate of the load.
    }
  };
  const over = aborted(signal);
  const stream = async () => {
    for (;;) {
      const code = await Promise.race([client.watch(), over]);
      if (code === undefined) return;
      report.streams[code] = (report.streams[code] ?? 0) + 1;
      await sleep(STREAM_PAUSE_MS); // The rate of the load.
    }
  };
  await Promise.all([
    ...Array.from({ length: LANES }, (_, index) => lane(index)),
    ...Array.from({ length: STREAMS }, stream),
  ]);
  report.retried += client.retried();
  client.close();
  return report;
}

/** Undefined is a success. */
async function outcomeOf(client: Client, text: string): Promise<string | undefined> {
  const late = new AbortController();
  try {
    const tooLate = sleep(MOST_MS, undefined, { signal: late.signal });
    const answer = await Promise.race([client.echo(text), tooLate]);
    if (answer === undefined) return `no answer within ${MOST_MS / 1_000} s`;
    return answer === text ? undefined : `an answer to another call: ${answer}`;
  } catch (error) {
    return reasonOf(error);
  } finally {
    late.abort();
  }
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
}

/** One line. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  const inner = cause instanceof Error ? `, caused by ${cause.message}` : "";
  return `${message}${inner}`.split("\n")[0] ?? "";
}
