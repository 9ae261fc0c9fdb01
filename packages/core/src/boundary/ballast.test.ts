// Ballast makes V8 collect the young generation, which frees large buffers.
import assert from "node:assert/strict";
import { constants, type PerformanceEntry, PerformanceObserver } from "node:perf_hooks";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { addBallast } from "./ballast.ts";

const BUFFER_BYTES = 64 * 1024;
const BUFFERS = 4_000;
/** The size at which V8 stops growing the young generation. */
const MAX_YOUNG_BYTES = 16 * 1024 * 1024;

test("ballast causes collections of the young generation, and no full ones", async () => {
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
    // The observer gets its entries between turns of the event loop.
    if (buffer % 100 === 0) await setImmediate();
  }
  await setImmediate();
  observer.disconnect();
  const minimum = Math.floor((BUFFERS * BUFFER_BYTES) / 2 / MAX_YOUNG_BYTES);
  assert.ok(collections.young >= minimum, `${collections.young} young collections, expected at least ${minimum}`);
  assert.ok(collections.full <= 1, `${collections.full} full collections`);
});
