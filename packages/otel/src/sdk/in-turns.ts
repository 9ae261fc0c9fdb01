// Exports that wait for each other. At its end the SDK exports its whole queue at once, and an exporter drops what is
// beyond its limit of concurrent exports.
import type { Exporter, ExportResult } from "./exporter.ts";

/** At most `limit` exports are under way; others wait. Returns the exporter itself. */
export function inTurns<E extends Exporter>(exporter: E, limit: number): E {
  const send = exporter.export.bind(exporter);
  const waiting: (() => void)[] = [];
  let underWay = 0;
  exporter.export = (items, done) => {
    const start = () => {
      underWay += 1;
      let isDone = false;
      const finish = (result: ExportResult) => {
        // An exporter that reports twice must not make room twice.
        if (isDone) return;
        isDone = true;
        done(result);
        // Later, as exporters report the end before they make room themselves.
        setImmediate(() => {
          underWay -= 1;
          waiting.shift()?.();
        });
      };
      send(items, finish);
    };
    if (underWay < limit) start();
    else waiting.push(start);
  };
  return exporter;
}
