// What the caller gives: which rules it may break, and which values are wrong.
import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { fake } from "@connectum/testing/protofake";
import * as impossible from "./protofake/gen/connectum/protofake/v1/impossible_pb.js";

const { UnequalSchema, UnequalAroundSchema, UnequalInFieldSchema } = impossible;

test("what is given may break the rules that read it, also within messages, lists and maps", () => {
  assert.equal(fake(UnequalSchema, { overrides: { a: 3 } }).a, 3);
  assert.equal(fake(UnequalAroundSchema, { overrides: { inner: { b: 4 } } }).inner?.b, 4);
  assert.equal(fake(UnequalAroundSchema, { overrides: { list: [{ a: 5 }] } }).list[0]?.a, 5);
  assert.equal(fake(UnequalAroundSchema, { overrides: { map: { x: { a: 6 } } } }).map["x"]?.a, 6);
  assert.equal(fake(UnequalInFieldSchema, { overrides: { pair: { a: 7 } } }).pair?.a, 7);
  const whole = create(UnequalSchema, { city: "Oslo" });
  assert.equal(fake(UnequalSchema, { overrides: whole }).city, "Oslo");
  assert.equal(fake(UnequalAroundSchema, { overrides: { inner: whole, list: [whole] } }).inner?.city, "Oslo");
});

test("what is given does not hide that other rules are broken", () => {
  const unrelated = [
    () => fake(UnequalSchema, { overrides: { city: "Oslo" } }),
    () => fake(UnequalAroundSchema, { overrides: { note: "none", inner: { city: "Oslo" } } }),
    () => fake(UnequalAroundSchema, { overrides: { list: [{ city: "Oslo" }] } }),
    () => fake(UnequalAroundSchema, { overrides: { map: { x: { city: "Oslo" } } } }),
  ];
  for (const make of unrelated) assert.throws(make, { name: "FakeError", ruleId: "unequal" });
  assert.throws(() => fake(UnequalInFieldSchema, { overrides: { pair: { city: "Oslo" } } }), {
    name: "FakeError",
    field: "pair",
    ruleId: "unequal_pair",
  });
});
