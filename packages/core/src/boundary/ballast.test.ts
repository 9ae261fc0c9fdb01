// Ballast: large buffers are given back by collections of the young generation.
import assert from "node:assert/strict";
import { constants, type PerformanceEntry, PerformanceObserver } from "node:perf_hooks";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { addBallast } from "./ballast.ts";

const BUFFER_BYTES = 64 * 1024;
const BUFFERS = 4_000;
/** As large as the young generation becomes by itself. */
const MOST_YOUNG_BYTES = 16 * 1024 * 1024;

test("ballast for buffers has the young generation collected, and only that", async () => {
  const collections = { young: 0, full: 0 };
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { kind } = (entry as PerformanceEntry & { readonly detail: { readonly kind: number } }).detail;
      if (kind === constants.NODE_PERFORMANCE_GC_MINOR) collections.young += 1;
      if (kind === constants.NODE_PERFORMANCE_GC_MAJOR) collections.full += 1;
    }
  });
  observer.observe({ entryTypes: ["gc"] });
  for (let buffer = 0; buffer < BUFFERS; buffer += 1) {
    addBallast(BUFFER_BYTES);
    // Entries come between the turns of the event loop.
    if (buffer % 100 === 0) await setImmediate();
  }
  await setImmediate();
  observer.disconnect();
  const least = Math.floor((BUFFERS * BUFFER_BYTES) / 2 / MOST_YOUNG_BYTES);
  assert.ok(collections.young >= least, `${collections.young} young collections, ${least} at least`);
  assert.ok(collections.full <= 1, `${collections.full} full collections`);
});
