// The lines that a test writes to the console.
import type { TestContext } from "node:test";

type Level = "debug" | "info" | "warn" | "error";

/** Keeps what is written to one of the console's methods from the terminal: the arguments of each call. */
export function consoleLines(t: TestContext, level: Level): unknown[][] {
  const lines: unknown[][] = [];
  t.mock.method(console, level, (...line: unknown[]) => void lines.push(line));
  return lines;
}
