// The log of the servers: lines that nobody expects are failures.
import type { Logger } from "@connectum/core";
import { CAUSE } from "../directives.ts";

/** Lines that the load causes: what handlers throw, and servers that are stopped with calls in flight. */
const EXPECTED = [
  CAUSE,
  /^Shutdown timeout \(\d+ms\) exceeded$/,
  /^calls were aborted, as they did not end in time: \d+ of /,
];

/** More say nothing new. */
const MOST = 20;

export class LogLines {
  readonly #unexpected: string[] = [];

  get unexpected(): readonly string[] {
    return this.#unexpected;
  }

  /** Takes warnings and errors. */
  readonly logger: Logger = {
    debug: () => {},
    info: () => {},
    warn: (message, ...details) => this.add(message, ...details),
    error: (message, ...details) => this.add(message, ...details),
  };

  add(...parts: readonly unknown[]): void {
    const line = parts.map((part) => (part instanceof Error ? part.message : String(part))).join(" ");
    const isExpected = EXPECTED.some((one) => (typeof one === "string" ? line.includes(one) : one.test(line)));
    if (!isExpected && this.#unexpected.length < MOST) this.#unexpected.push(line);
  }
}
