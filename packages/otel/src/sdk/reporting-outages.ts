// One warning when a collector is away, and one line when it is back. The SDK would write one for each export.

import type { Exporter } from "./exporter.ts";

/** The name of an error that has been reported: what else hears of it is silent. */
export const REPORTED = "ReportedExportError";

/**
 * Reports on the console.
 *
 * @returns a function that ends the provider of the exporter, and rejects if an export fails meanwhile: SDKs resolve
 */
export function reportingOutages(exporter: Exporter, signal: string): (shutdown: () => Promise<void>) => Promise<void> {
  const send = exporter.export.bind(exporter);
  /** How many exports have failed since the last that did not. */
  let lost = 0;
  let failure: Error | undefined;
  exporter.export = (items, done) => {
    send(items, (result) => {
      if (result.code === 0) {
        if (lost > 0) console.info(`@connectum/otel: ${signal} are exported again; exports that were lost: ${lost}`);
        lost = 0;
        return done(result);
      }
      const text = `${signal} cannot be exported: ${reasonOf(result.error)}`;
      if (lost === 0) console.warn(`@connectum/otel: ${text}`);
      lost += 1;
      failure = new Error(text, { cause: result.error });
      failure.name = REPORTED;
      done({ code: result.code, error: failure });
    });
  };
  return async (shutdown) => {
    failure = undefined;
    await shutdown();
    if (failure !== undefined) throw failure;
  };
}

/** The text of an error. Those of several addresses of one host are an AggregateError, whose own text is empty. */
function reasonOf(error: Error | undefined): string {
  if (error instanceof AggregateError) return error.errors.map((one) => reasonOf(one)).join(", ");
  return error?.message || "no reason was given";
}
