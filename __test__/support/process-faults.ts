// Fails tests in which an error of a call reaches the process.
import assert from "node:assert/strict";
import process from "node:process";
import { after, afterEach, before } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

/** Fails every test of the file that leaves an uncaught exception or an unhandled rejection. */
export function failOnProcessFaults(): void {
  const faults: unknown[] = [];
  const keep = (fault: unknown) => void faults.push(fault);
  before(() => {
    process.on("uncaughtException", keep);
    process.on("unhandledRejection", keep);
  });
  afterEach(async () => {
    // Rejections are reported after the microtasks of a turn; late ones of a handler a little later.
    await sleep(5);
    assert.deepEqual(faults.splice(0), [], "an error of a call reached the process");
  });
  after(() => {
    process.off("uncaughtException", keep);
    process.off("unhandledRejection", keep);
  });
}
