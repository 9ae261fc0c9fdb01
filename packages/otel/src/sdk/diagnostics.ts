// What the SDK says of itself.
import { DiagLogLevel, diag } from "@opentelemetry/api";
import { REPORTED } from "./reporting-outages.ts";

/** Each text is written once, so that a fault of each export does not fill the log. So many are remembered. */
const MOST_TEXTS = 100;

/**
 * Errors of the SDK go to the console, each text once; unless the application has registered a logger for them. Those
 * of exports have been reported.
 *
 * @returns a function that undoes it
 */
export function installDiagnostics(): () => void {
  if (hasDiagLogger()) return () => {};
  const seen = new Set<string>();
  const error = (text: string, ...details: unknown[]) => {
    if (text.includes(REPORTED) || seen.has(text) || seen.size >= MOST_TEXTS) return;
    seen.add(text);
    console.error(text, ...details);
  };
  const ignore = () => {};
  diag.setLogger({ error, warn: ignore, info: ignore, debug: ignore, verbose: ignore }, DiagLogLevel.ERROR);
  return () => diag.disable();
}

/** The API replaces a logger, and has no function that tells whether there is one: this is where it keeps it. */
function hasDiagLogger(): boolean {
  const api: unknown = Reflect.get(globalThis, Symbol.for("opentelemetry.js.api.1"));
  return typeof api === "object" && api !== null && Reflect.get(api, "diag") !== undefined;
}
