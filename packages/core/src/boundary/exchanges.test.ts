// The exchanges in flight: found by their numbers, and garbage when they have ended.
import assert from "node:assert/strict";
import { test } from "node:test";
import { getHeapSpaceStatistics } from "node:v8";
import { collectGarbage } from "../../../../__test__/support/collect-garbage.ts";
import type { Exchange } from "./exchange.ts";
import { Exchanges } from "./exchanges.ts";

const exchange = (id: number, more: object = {}) => ({ id, ...more }) as Exchange;

test("each is found by its number until it is deleted", () => {
  const exchanges = new Exchanges();
  // Numbers that differ by a multiple of 1,024 want the same slot; the last ones have more than 32 bits.
  const ids = [1, 2, 1_025, 2_049, 2 ** 31 + 1, 2 ** 32 + 1, 2 ** 52 + 1, 2 ** 52 + 2];
  const all = ids.map((id) => exchange(id));
  for (const one of all) exchanges.add(one);
  assert.deepEqual(new Set(exchanges.all()), new Set(all));
  for (const one of all) assert.equal(exchanges.get(one.id), one);
  for (const absent of [0, 3, 1_026, 3_073]) {
    assert.equal(exchanges.get(absent), undefined);
    exchanges.delete(absent);
  }
  for (const [index, id] of ids.entries()) {
    exchanges.delete(id);
    assert.equal(exchanges.get(id), undefined);
    assert.deepEqual(
      ids.filter((other) => exchanges.get(other) !== undefined),
      ids.slice(index + 1),
    );
  }
  assert.deepEqual(exchanges.all(), []);
});

test("a slot that is free again is used, while another holds what did not fit", () => {
  const exchanges = new Exchanges();
  const [first, second, third] = [exchange(5), exchange(1_029), exchange(2_053)];
  exchanges.add(first);
  exchanges.add(second);
  exchanges.delete(5);
  exchanges.add(third);
  assert.deepEqual([exchanges.get(5), exchanges.get(1_029), exchanges.get(2_053)], [undefined, second, third]);
});

test("those that have ended are not promoted to the old space", () => {
  const exchanges = new Exchanges();
  const oldBytes = () =>
    getHeapSpaceStatistics().find(({ space_name: name }) => name === "old_space")?.space_used_size ?? Number.NaN;
  const inFlight = 64;
  for (let id = 0; id < inFlight; id++) exchanges.add(exchange(id));
  // What is there now is promoted. The table of a Map would keep all its successors from here on: 36 MB.
  collectGarbage();
  collectGarbage();
  const before = oldBytes();
  for (let id = inFlight; id < 200_000; id++) {
    exchanges.add(exchange(id, { payload: new Array(128).fill(id) }));
    exchanges.delete(id - inFlight);
  }
  const grown = oldBytes() - before;
  assert.ok(grown < 4 * 2 ** 20, `${grown} bytes`);
});
