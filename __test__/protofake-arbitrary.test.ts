// Fakes as an arbitrary of fast-check: valid, repeatable, and shrinking.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { createValidator } from "@bufbuild/protovalidate";
import { arbitrary } from "@connectum/testing/arbitrary";
import fc from "fast-check";
import { OldSchema } from "./protofake/gen/connectum/protofake/v1/old_pb.js";
import { Expressions_Kind, ExpressionsSchema, NumbersSchema } from "./protofake/gen/connectum/protofake/v1/rules_pb.js";
import { Role, type User, UserSchema } from "./protofake/gen/connectum/protofake/v1/users_pb.js";

const validator = createValidator();
const now = new Date("2026-03-04T05:06:07Z");

/** The message for which the property fails, after shrinking. */
function shrunk(property: (user: User) => boolean, options = {}): User {
  const details = fc.check(fc.property(arbitrary(UserSchema, { now, ...options }), property), { seed: 7 });
  assert.ok(details.failed && details.counterexample !== null);
  return details.counterexample[0];
}

test("every message is valid, also each one that a failure shrinks to", () => {
  let count = 0;
  const property = fc.property(arbitrary(NumbersSchema), (message) => {
    count++;
    assert.equal(validator.validate(NumbersSchema, message).kind, "valid");
    return count < 10;
  });
  const { failed, numShrinks } = fc.check(property, { seed: 1, numRuns: 50 });
  assert.ok(failed && numShrinks > 0);
});

test("expressions hold for what a failure shrinks to", () => {
  const property = fc.property(arbitrary(ExpressionsSchema), (message) => message.kind !== Expressions_Kind.B);
  const { counterexample } = fc.check(property, { seed: 2, numRuns: 50 });
  assert.ok(counterexample);
  const [message] = counterexample;
  assert.equal(validator.validate(ExpressionsSchema, message).kind, "valid");
  assert.equal(message.kind, Expressions_Kind.B);
  assert.ok(message.reason !== undefined && message.reason.length <= 1);
});

test("a failure shrinks to the fields and values that matter", () => {
  const user = shrunk(({ age, emails }) => age < 30 || emails.length < 2);
  assert.equal(user.age, 30);
  assert.deepEqual(user.emails, ["", ""]);
  assert.equal(user.firstName, "");
  assert.equal(user.address, undefined);
  assert.deepEqual(user.labels, {});
  assert.equal(user.contact.case, undefined);
});

test("what is in messages, maps and oneofs shrinks too", () => {
  const nested = shrunk(({ address }) => (address?.city.length ?? 0) < 3);
  assert.equal(nested.address?.city.length, 3);
  assert.equal(nested.address?.street, "");
  assert.equal(Object.keys(shrunk(({ places }) => Object.keys(places).length < 2).places).length, 2);
  assert.equal(shrunk(({ contact }) => contact.case !== "office").contact.case, "office");
});

test("enums shrink to no unspecified value, and what is given stays", () => {
  assert.equal(shrunk(() => false).role, Role.ADMIN);
  assert.equal(shrunk(() => false, { overrides: { firstName: "Ada" } }).firstName, "Ada");
});

test("required fields of proto2 stay, so that every message can be encoded", () => {
  const property = fc.property(arbitrary(OldSchema), (old) => {
    assert.equal(fromBinary(OldSchema, toBinary(OldSchema, old)).id, old.id);
    return false;
  });
  assert.equal(fc.check(property, { seed: 3 }).counterexample?.[0].id, "");
});

test("the same seed of fast-check gives the same messages", () => {
  const sample = () => fc.sample(arbitrary(UserSchema, { now }), { seed: 5, numRuns: 3 });
  assert.deepEqual(sample(), sample());
});

test("wrong arguments are a TypeError before any message is made", () => {
  assert.throws(() => arbitrary({} as never), { name: "TypeError", message: /^the schema must be that of a message/ });
  assert.throws(() => arbitrary(UserSchema, { seed: 1 } as never), {
    message: /^arbitrary: there is no option "seed"\./,
  });
  const overrides = { emial: "" } as never;
  assert.throws(() => arbitrary(UserSchema, { overrides }), { name: "TypeError", message: /has no field "emial"/ });
});
