// The scenario as a test of node:test.
import { createRequire } from "node:module";
import { shown } from "@connectum/hooks";
import { checkParityOptions, runTransportParity, type TransportParityTestOptions } from "./run-transport-parity.ts";

/**
 * Registers a test of `node:test` that does what `runTransportParity()` does.
 *
 * @throws TypeError for an invalid option
 */
export function transportParityTest(name: string, opts: TransportParityTestOptions): void {
  if (typeof name !== "string") {
    throw new TypeError(`transportParityTest: the name of the test must be a string, not ${shown(name)}`);
  }
  checkParityOptions("transportParityTest", opts);
  // Only now: other test runners load this file too, and not all of them have it.
  const { test } = createRequire(import.meta.url)("node:test") as typeof import("node:test");
  void test(name, () => runTransportParity(opts));
}
