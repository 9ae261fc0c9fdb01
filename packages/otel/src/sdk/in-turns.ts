// Exports that wait for each other, each for a limited time. At its end the SDK exports its whole queue at once, and an
// exporter drops what is beyond its limit of concurrent exports.
import { MAX_TIMER_MS } from "@connectum/hooks";
import type { Exporter, ExportResult } from "./exporter.ts";

export interface TurnTerms {
  /** How many exports may be under way at once. */
  readonly limit: number;
  /** How long an export may take, with the time that it waits, in milliseconds. */
  readonly timeoutMs: number;
}

/**
 * At most `limit` exports are under way; others wait. What takes longer than it may fails, and is dropped if it still
 * waits: whoever has stopped waiting for it exports the next, and a collector that hangs must not fill the memory.
 *
 * @returns a function that fails what has not ended, and all that follows
 */
export function inTurns(exporter: Exporter, { limit, timeoutMs }: TurnTerms): () => void {
  const send = exporter.export.bind(exporter);
  const unfinished = new Set<(result: ExportResult) => void>();
  const waiting = new Set<() => void>();
  let underWay = 0;
  let hasEnded = false;
  exporter.export = (items, done) => {
    if (hasEnded) return done(failure("its provider has been shut down"));
    const finish = (result: ExportResult) => {
      // Also the end of an export for which nobody waits any more.
      if (!unfinished.delete(finish)) return;
      clearTimeout(timer);
      waiting.delete(start);
      done(result);
    };
    const start = () => {
      waiting.delete(start);
      underWay += 1;
      let isDone = false;
      send(items, (result) => {
        // An exporter that reports twice must not make room twice.
        if (isDone) return;
        isDone = true;
        finish(result);
        // Later, as exporters report the end before they make room themselves.
        setImmediate(() => {
          underWay -= 1;
          const [next] = waiting;
          next?.();
        });
      });
    };
    unfinished.add(finish);
    const timer = setTimeout(
      () => finish(failure(`no answer within ${timeoutMs} ms`)),
      Math.min(timeoutMs, MAX_TIMER_MS),
    );
    if (underWay < limit) start();
    else waiting.add(start);
  };
  return () => {
    hasEnded = true;
    for (const finish of unfinished) finish(failure("its provider has been shut down"));
  };
}

function failure(text: string): ExportResult {
  return { code: 1, error: new Error(text) };
}
