// The longest delay is the runtime's.
import assert from "node:assert/strict";
import { once } from "node:events";
import process from "node:process";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { MAX_TIMER_MS } from "./timer.ts";

test("a timer accepts it, and warns about one millisecond more", async (t) => {
  const warnings: string[] = [];
  const note = ({ name }: Error) => void warnings.push(name);
  process.on("warning", note);
  t.after(() => process.off("warning", note));
  clearTimeout(setTimeout(() => {}, MAX_TIMER_MS));
  await setImmediate();
  assert.deepEqual(warnings, []);
  const warned = once(process, "warning");
  clearTimeout(setTimeout(() => {}, MAX_TIMER_MS + 1));
  await warned;
  assert.deepEqual(warnings, ["TimeoutOverflowWarning"]);
});
