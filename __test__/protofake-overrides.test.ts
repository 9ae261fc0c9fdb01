// What the caller gives: which rules it may break, and which values are wrong.
import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { fake } from "@connectum/testing/protofake";
import * as impossible from "./protofake/gen/connectum/protofake/v1/impossible_pb.js";
import { UserSchema, WellKnownSchema } from "./protofake/gen/connectum/protofake/v1/users_pb.js";

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

const address = create(UnequalSchema);
const wrong: [name: string, overrides: object, message: RegExp][] = [
  [
    "a Date",
    { createdAt: new Date() },
    /^overrides\.createdAt must be .*Timestamp, not a Date: timestampFromDate\(date\) of @bufbuild\/protobuf\/wkt /,
  ],
  [
    "a text for a time",
    { createdAt: "2020-01-01T00:00:00Z" },
    /^overrides\.createdAt must be .*, not "2020.*Date\(date/,
  ],
  ["a field that Timestamp lacks", { createdAt: { second: 3n } }, /no field "second" at .*: did you mean "seconds"\?$/],
  ["a number for a bigint", { createdAt: { seconds: 3 } }, /^overrides\.createdAt\.seconds must be a bigint, not 3$/],
  [
    "null for a message",
    { createdAt: null },
    /^overrides\.createdAt must not be null: undefined leaves a field unset$/,
  ],
  ["null for a text", { email: null }, /^overrides\.email must not be null: /],
  ["no item", { emails: ["a", undefined] }, /^overrides\.emails\[1\] must not be undefined$/],
  ["no value in a map", { labels: { a: null } }, /^overrides\.labels\["a"\] must not be null$/],
  ["a Map", { labels: new Map([["a", "b"]]) }, /^overrides\.labels must be an object, not a Map$/],
  ["an array for a map", { labels: ["a"] }, /^overrides\.labels must be an object, not an array$/],
  ["another message", { address }, /^overrides\.address must be a .*v1\.Address, not a message of .*v1\.Unequal$/],
  ["another message as a whole", address, /^overrides must be a .*v1\.User, not a message of .*v1\.Unequal$/],
  [
    "a key that oneofs lack",
    { contact: { case: "phone", value: "1", extra: 3 } },
    /^overrides\.contact .* no "extra": give/,
  ],
  ["a value without case", { contact: { value: "1" } }, /^overrides\.contact .* no case: give \{ case, value \}/],
  [
    "another type in a oneof",
    { contact: { case: "office", value: "x" } },
    /^overrides\.contact\.value must be an object/,
  ],
  ["a number for a text in a oneof", { contact: { case: "phone", value: 1 } }, /^the override of phone does not fit: /],
  ["null in a oneof", { contact: { case: "phone", value: null } }, /^overrides\.contact\.value must not be null/],
];

for (const [name, overrides, message] of wrong) {
  test(`a wrong override is a TypeError: ${name}`, () => {
    assert.throws(() => fake(UserSchema, { overrides }), { name: "TypeError", message });
  });
}

test("well-known types are taken as `create` takes them, and wrong ones are a TypeError", () => {
  const overrides = {
    struct: { a: [1, "b"] },
    email: "a",
    count: 3n,
    createdAt: timestampFromMs(5000),
    timeout: { seconds: 7n },
    times: { now: { seconds: 1n } },
    doubles: [{ value: 1.5 }],
    structs: [{ a: 1 }],
    mask: { paths: ["a"] },
    value: { kind: { case: "stringValue", value: "x" } },
  } as const;
  const made = fake(WellKnownSchema, { overrides: { ...overrides, mask: { paths: ["a"] } } as never });
  assert.deepEqual(made.struct, overrides.struct);
  assert.deepEqual([made.email, made.count, made.createdAt?.seconds, made.timeout?.seconds], ["a", 3n, 5n, 7n]);
  assert.deepEqual([made.times["now"]?.seconds, made.doubles[0]?.value, made.structs], [1n, 1.5, [{ a: 1 }]]);
  assert.deepEqual([made.mask?.paths, made.value?.kind], [["a"], overrides.value.kind]);
  for (const [wrongOne, message] of [
    [{ email: 5 }, /^overrides\.email does not fit: .*expected string, got 5$/],
    [{ count: 5 }, /^overrides\.count must be a bigint, not 5$/],
    [{ struct: "a" }, /^overrides\.struct must be an object of JSON, not "a"$/],
    [{ timeout: 5 }, /: durationFromMs\(milliseconds\) of /],
    [{ value: { kind: { case: "stringValue", value: 5 } } }, /^overrides\.value\.kind\.value does not fit: /],
  ] as const) {
    assert.throws(() => fake(WellKnownSchema, { overrides: wrongOne as never }), { name: "TypeError", message });
  }
});
