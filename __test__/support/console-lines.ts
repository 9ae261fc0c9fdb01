// The lines that a test writes to the console.
import type { TestContext } from "node:test";

type Level = "debug" | "info" | "warn" | "error";

/** Captures the calls of one of the console's methods, so that nothing is printed: the arguments of each call. */
export function consoleLines(t: TestContext, level: Level): unknown[][] {
  const lines: unknown[][] = [];
  t.mock.method(console, level, (...line: unknown[]) => void lines.push(line));
  return lines;
}
