// Fakes are valid by their rules, or there is an error that names the field and the rule.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry, type DescMessage, type MessageShape, toJsonString } from "@bufbuild/protobuf";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { createValidator } from "@bufbuild/protovalidate";
import { FakeError, fake } from "@connectum/testing/protofake";
import { file_connectum_protofake_v1_expressions } from "./protofake/gen/connectum/protofake/v1/expressions_pb.js";
import * as rules from "./protofake/gen/connectum/protofake/v1/rules_pb.js";

const registry = createRegistry(rules.file_connectum_protofake_v1_rules, file_connectum_protofake_v1_expressions);
const validator = createValidator({ registry });
const seeds = Array.from({ length: 20 }, (_, seed) => seed);
const now = new Date("2020-02-03T04:05:06Z");

/** Twenty fakes, each of which protovalidate finds valid. */
function valid<Desc extends DescMessage>(schema: Desc, options = {}): MessageShape<Desc>[] {
  return seeds.map((seed) => {
    const message = fake(schema, { optional: 1, ...options, seed });
    const result = validator.validate(schema, message);
    assert.equal(
      result.kind,
      "valid",
      `seed ${seed}: ${result.error?.message} ${toJsonString(schema, message, { registry })}`,
    );
    return message;
  });
}

test("texts meet patterns, formats, lengths and fixed parts together", () => {
  for (const { code, words, mail, tight, letters } of valid(rules.TextsSchema)) {
    assert.match(code, /^[A-Z]{3}-\d{4}$/);
    assert.ok(words.length >= 20 && /a\.b$/i.test(words));
    assert.match(mail, /^[^@]+@corp\.example$/);
    assert.equal(tight, "abcde");
    assert.equal(letters.length, 40);
  }
});

test("the same texts are found without faker", () => {
  valid(rules.TextsSchema, { faker: false });
  valid(rules.ExpressionsSchema, { faker: false });
});

test("numbers meet crossed bounds, bounds at the end of their type, and sets", () => {
  for (const { outside, great, half, oneOf } of valid(rules.NumbersSchema)) {
    assert.ok(outside < -10 || outside > 2_147_483_640);
    assert.ok(great > 18_446_744_073_709_551_613n);
    assert.ok(half > 0 && half < 1);
    assert.equal(oneOf, 1.5);
  }
});

test("rules about now are met at the time of the validator, or at a time that is given", () => {
  for (const [time, messages] of [
    [Date.now(), valid(rules.TimesSchema)],
    [now.getTime(), seeds.map((seed) => fake(rules.TimesSchema, { seed, now, optional: 1 }))],
  ] as const) {
    for (const { soon, past, short } of messages) {
      assert.ok(soon && past && short);
      assert.ok(timestampMs(soon) > time && timestampMs(soon) < time + 3_600_000);
      assert.ok(timestampMs(past) < time);
      assert.ok(short.seconds === 0n && short.nanos > 0 && short.nanos < 1000);
    }
  }
});

test("expressions of fields and of messages are met", () => {
  for (const message of valid(rules.ExpressionsSchema)) {
    assert.equal(message.a + message.b, 100);
    assert.equal(message.password, message.passwordConfirm);
    assert.equal(message.items.length, message.count);
    assert.equal(message.kind === rules.Expressions_Kind.B, message.reason !== undefined);
    assert.match(message.code, /^AB[A-Z]-\d{4}$/);
    assert.ok(message.tags.includes("main"));
    assert.equal(message.multiple % 17, 0);
    assert.match(message.site, /^ftp:\/\//);
    // The wish for likely values does not end where an expression begins.
    assert.ok(message.multiple < 100_000, `${message.multiple}`);
  }
});

for (const schema of file_connectum_protofake_v1_expressions.messages) {
  test(`rules that people write are met: ${schema.name}`, () => {
    valid(schema);
    valid(schema, { faker: false, optional: 0.5 });
  });
}

test("of the fields of a oneof rule exactly one is set, and of a oneof a branch that can be", () => {
  const messages = valid(rules.ChoicesSchema);
  for (const { id, name, payload } of messages) {
    assert.equal([id, name].filter((text) => text !== "").length, 1);
    assert.equal(payload.case, "number");
  }
  assert.ok(messages.some(({ id }) => id !== "") && messages.some(({ name }) => name !== ""));
});

test("lists have different items, as many as there can be, and an Any the type that is allowed", () => {
  for (const { flags, codes, sides, detail } of valid(rules.ListsSchema, { min: 3, max: 5 })) {
    assert.equal(new Set(flags).size, flags.length);
    assert.deepEqual(
      [...codes].sort((one, other) => one - other),
      Array.from({ length: 12 }, (_, index) => index),
    );
    assert.ok(Object.keys(sides).length <= 2);
    assert.equal(detail?.typeUrl, "type.googleapis.com/connectum.protofake.v1.Numbers");
  }
});

test("a field that can have no value is not set where that is valid", () => {
  for (const { text } of valid(rules.PossibleWithoutSchema)) assert.equal(text, undefined);
});

const impossible: [schema: DescMessage, expected: Partial<FakeError>][] = [
  [
    rules.ImpossibleLengthSchema,
    {
      typeName: "connectum.protofake.v1.ImpossibleLength",
      field: "inner.text",
      ruleId: "string.max_len",
      message:
        "no fake was found for field inner.text of connectum.protofake.v1.ImpossibleLength that meets rule " +
        'string.max_len (must be at most 3 characters): give it by "overrides"',
    },
  ],
  [rules.ImpossibleExpressionSchema, { field: "number", ruleId: "number.never" }],
  [rules.ImpossibleMessageSchema, { field: "", ruleId: "root_of_two" }],
  [
    rules.EndlessSchema,
    { ruleId: "required", complaint: "a connectum.protofake.v1.Endless requires another one within it, without end" },
  ],
];

for (const [schema, expected] of impossible) {
  test(`there is an error that names field and rule: ${schema.name}`, () => {
    assert.throws(
      () => fake(schema, { optional: 1, seed: 1 }),
      (error) => {
        assert.ok(error instanceof FakeError);
        for (const [name, value] of Object.entries(expected)) assert.equal(error[name as keyof FakeError], value);
        return true;
      },
    );
  });
}

test("messages within messages that cannot be made do not try for ever", { timeout: 10_000 }, () => {
  assert.throws(() => fake(rules.OutermostSchema, { seed: 1 }), { name: "FakeError", field: "next.next.next.next" });
});

test("an override may break a rule, and the others are met", () => {
  const overrides = { code: "none", a: 3 };
  const message = fake(rules.ExpressionsSchema, { optional: 1, seed: 1, overrides });
  assert.equal(message.code, "none");
  assert.equal(message.a, 3);
  const result = validator.validate(rules.ExpressionsSchema, message);
  const broken = result.kind === "invalid" ? result.violations.map(({ ruleId }) => ruleId).sort() : [];
  assert.deepEqual(broken, ["code", "string.pattern", "sum"]);
  assert.equal(fake(rules.ImpossibleExpressionSchema, { overrides: { number: 7 } }).number, 7);
});

test("what can be met beside an override is met", () => {
  const message = fake(rules.ExpressionsSchema, { optional: 1, seed: 1, overrides: { a: 40 } });
  assert.equal(message.b, 60);
  assert.equal(validator.validate(rules.ExpressionsSchema, message).kind, "valid");
});
