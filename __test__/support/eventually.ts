// Waits for a condition without an event.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

/** Resolves when `happened` is true; fails the test after five seconds. */
export async function eventually(happened: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const until = performance.now() + 5_000;
  while (!(await happened())) {
    assert.ok(performance.now() < until, `it never happened: ${what}`);
    await sleep(5);
  }
}
