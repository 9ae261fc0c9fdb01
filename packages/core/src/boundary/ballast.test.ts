// Ballast makes V8 collect the young generation, which frees large buffers.
import assert from "node:assert/strict";
import { constants, type PerformanceEntry, PerformanceObserver } from "node:perf_hooks";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { getHeapSpaceStatistics } from "node:v8";
import { addBallast } from "./ballast.ts";

const BUFFER_BYTES = 64 * 1024;
const BUFFERS = 4_000;
/** The size at which V8 stops growing the young generation. */
const MAX_YOUNG_BYTES = 16 * 1024 * 1024;
/** The size at which it begins. */
const MIN_YOUNG_BYTES = 512 * 1024;
/** A message as large as few applications allow. */
const HUGE_BYTES = 1024 * 1024 * 1024;

/** Counts collections until `stop`. */
function countCollections() {
  const collections = { young: 0, full: 0 };
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { kind } = (entry as PerformanceEntry & { readonly detail: { readonly kind: number } }).detail;
      if (kind === constants.NODE_PERFORMANCE_GC_MINOR) collections.young += 1;
      if (kind === constants.NODE_PERFORMANCE_GC_MAJOR) collections.full += 1;
    }
  });
  observer.observe({ entryTypes: ["gc"] });
  const stop = async () => {
    // A collection is recorded in the next turn of the event loop, and the observer hears of it in the one after that.
    await setImmediate();
    await setImmediate();
    observer.disconnect();
    return collections;
  };
  return stop;
}

test("ballast causes collections of the young generation, and no full ones", async () => {
  const stop = countCollections();
  for (let buffer = 0; buffer < BUFFERS; buffer += 1) {
    addBallast(BUFFER_BYTES);
    // The observer needs turns of the event loop.
    if (buffer % 100 === 0) await setImmediate();
  }
  const collections = await stop();
  const minimum = Math.floor((BUFFERS * BUFFER_BYTES) / 2 / MAX_YOUNG_BYTES);
  assert.ok(collections.young >= minimum, `${collections.young} young collections, expected at least ${minimum}`);
  assert.ok(collections.full <= 1, `${collections.full} full collections`);
});

const oldBytes = () =>
  getHeapSpaceStatistics().find(({ space_name }) => space_name === "old_space")?.space_used_size ?? 0;

test("the ballast of a huge buffer only just fills the young generation, and does not survive into the old one", async () => {
  const stop = countCollections();
  const before = oldBytes();
  addBallast(HUGE_BYTES);
  const growth = oldBytes() - before;
  const { young } = await stop();
  assert.ok(growth <= MAX_YOUNG_BYTES / 4, `${growth >> 20} MiB more in the old generation`);
  assert.ok(young >= 1 && young <= MAX_YOUNG_BYTES / MIN_YOUNG_BYTES, `${young} young collections`);
});
