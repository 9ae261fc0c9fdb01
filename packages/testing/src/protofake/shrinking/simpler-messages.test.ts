// What a failure shrinks to is simpler each time, so that shrinking ends.
import assert from "node:assert/strict";
import { test } from "node:test";
import { create, type DescMessage } from "@bufbuild/protobuf";
import {
  BytesValueSchema,
  DoubleValueSchema,
  FloatValueSchema,
  Int32ValueSchema,
  Int64ValueSchema,
  StringValueSchema,
  UInt64ValueSchema,
} from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { simplerMessages } from "./simpler-messages.ts";

/** The values that a wrapper with this value shrinks to. */
function simpler<Value>(schema: DescMessage, value: Value): Value[] {
  const message = create(schema, { value } as Record<string, unknown>);
  return [...simplerMessages(schema, message)].map((one) => (one as unknown as { value: Value }).value);
}

const size = (value: number | bigint) => (value < 0 ? -value : value);

function numbersShrink<Size extends number | bigint>(schema: DescMessage, values: fc.Arbitrary<Size>): void {
  const property = fc.property(values, (value) => {
    for (const other of simpler(schema, value)) {
      assert.ok(!Number.isNaN(other), "NaN is not simpler than a number");
      const isNearer = size(other) < size(value) || (other === -value && other > value);
      // NaN and -0 are set, and become 0 when they are not.
      assert.ok(isNearer || Object.is(value, Number.NaN) || Object.is(value, -0), `${value} became ${other}`);
    }
  });
  fc.assert(property, { seed: 1, numRuns: 300 });
}

test("texts become shorter, and keep whole code points", () => {
  const property = fc.property(fc.string({ unit: "binary" }), (text) => {
    for (const other of simpler(StringValueSchema, text)) {
      assert.ok(other.length < text.length && text.includes(other));
      assert.doesNotMatch(other, /\p{Surrogate}/u);
    }
  });
  fc.assert(property, { seed: 1, numRuns: 300 });
  assert.deepEqual(new Set(simpler(StringValueSchema, "a🦀")), new Set(["", "a", "🦀"]));
});

test("bytes become shorter", () => {
  const property = fc.property(fc.uint8Array(), (bytes) => {
    for (const other of simpler(BytesValueSchema, bytes)) assert.ok(other.length < bytes.length);
  });
  fc.assert(property, { seed: 1, numRuns: 300 });
});

test("numbers come nearer to zero, also infinite ones and those that are none", () => {
  numbersShrink(DoubleValueSchema, fc.double());
  numbersShrink(FloatValueSchema, fc.float());
  for (const value of [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, Number.MAX_VALUE, -0.5]) {
    numbersShrink(DoubleValueSchema, fc.constant(value));
  }
  numbersShrink(FloatValueSchema, fc.constant(Number.NEGATIVE_INFINITY));
  numbersShrink(Int32ValueSchema, fc.integer());
  numbersShrink(Int64ValueSchema, fc.bigInt(-(2n ** 63n) + 1n, 2n ** 63n - 1n));
  numbersShrink(UInt64ValueSchema, fc.bigInt(0n, 2n ** 64n - 1n));
});

test("the least number of a great one is found in few steps", () => {
  let steps = 0;
  let value = 2n ** 63n - 1n;
  const least = 2n ** 62n + 12_345n;
  for (let next: bigint | undefined = value; next !== undefined; steps++) {
    value = next;
    next = simpler(Int64ValueSchema, value).find((other) => other >= least);
  }
  assert.equal(value, least);
  assert.ok(steps < 100, `${steps}`);
});
