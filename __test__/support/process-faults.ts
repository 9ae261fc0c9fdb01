// Fails tests in which an error of a call reaches the process.
import assert from "node:assert/strict";
import process from "node:process";
import { after, afterEach, before } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

/** Every test of the file fails after which an exception or a rejection was left to the process. */
export function failOnProcessFaults(): void {
  const faults: unknown[] = [];
  const keep = (fault: unknown) => void faults.push(fault);
  before(() => {
    process.on("uncaughtException", keep);
    process.on("unhandledRejection", keep);
  });
  afterEach(async () => {
    // Rejections are reported when the microtasks of a turn have run; late ones of a handler a little later.
    await sleep(5);
    assert.deepEqual(faults.splice(0), [], "an error of a call reached the process");
  });
  after(() => {
    process.off("uncaughtException", keep);
    process.off("unhandledRejection", keep);
  });
}
