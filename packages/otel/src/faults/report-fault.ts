// Faults of telemetry itself, such as a span processor that throws: no call may fail by them.
import { textOf } from "./thrown.ts";

/** Each text is written once. So many are remembered, and no more are written. */
const MOST_TEXTS = 100;
const seen = new Set<string>();

/** Writes one line to the console, unless that has been said before. Never throws. */
export function reportFault(error: unknown): void {
  const text = textOf(error);
  if (seen.has(text) || seen.size >= MOST_TEXTS) return;
  seen.add(text);
  console.error(`@connectum/otel: something could not be recorded: ${text}`);
}
