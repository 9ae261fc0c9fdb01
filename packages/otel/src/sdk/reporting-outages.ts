// One warning when a collector is away, and one line when it is back. The SDK would write one for each export.

import type { Exporter } from "./exporter.ts";

/** The name of an error that has been reported: what else hears of it is silent. */
export const REPORTED = "ReportedExportError";

/** Reports on the console. Returns the exporter itself: readers of metrics look at its other methods. */
export function reportingOutages<E extends Exporter>(exporter: E, signal: string): E {
  const send = exporter.export.bind(exporter);
  let isAway = false;
  exporter.export = (items, done) => {
    send(items, (result) => {
      if (result.code === 0) {
        if (isAway) console.info(`@connectum/otel: ${signal} are exported again`);
        isAway = false;
        return done(result);
      }
      if (!isAway) console.warn(`@connectum/otel: ${signal} cannot be exported: ${reasonOf(result.error)}`);
      isAway = true;
      const error = new Error(`${signal} cannot be exported`, { cause: result.error });
      error.name = REPORTED;
      done({ code: result.code, error });
    });
  };
  return exporter;
}

/** The text of an error. Those of several addresses of one host are an AggregateError, whose own text is empty. */
function reasonOf(error: Error | undefined): string {
  if (error instanceof AggregateError) return error.errors.map((one) => reasonOf(one)).join(", ");
  return error?.message || "no reason was given";
}
