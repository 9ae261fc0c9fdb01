// A lazy schema is made on first use, and is then the schema in everything that zod and its users ask.
import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { lazySchema } from "./lazy-schema.ts";

const make = (own: typeof z) => own.object({ name: own.string(), age: own.number().default(7) });

// contract: ENV-zod
test("a schema is made once, when something of it is used", () => {
  let times = 0;
  const schema = lazySchema((own) => {
    times += 1;
    return make(own);
  });
  assert.equal(times, 0);
  assert.deepEqual(schema.parse({ name: "Ada" }), { name: "Ada", age: 7 });
  assert.equal(schema.safeParse({}).success, false);
  assert.equal(times, 1);
});

// contract: ENV-zod
test("it is an instance of zod's classes, and only of those of its schema", () => {
  const schema = lazySchema(make);
  assert.ok(schema instanceof z.ZodObject);
  assert.ok(schema instanceof z.ZodType);
  assert.ok(!((schema as unknown) instanceof z.ZodString));
});

// contract: ENV-zod
test("it can be extended, picked, described, and be part of other schemas", () => {
  const schema = lazySchema(make);
  assert.deepEqual(schema.extend({ city: z.string() }).parse({ name: "Ada", city: "London" }), {
    name: "Ada",
    age: 7,
    city: "London",
  });
  assert.deepEqual(schema.pick({ age: true }).parse({}), { age: 7 });
  assert.deepEqual(z.array(schema).parse([{ name: "Ada" }]), [{ name: "Ada", age: 7 }]);
  assert.deepEqual(z.object({ person: schema.optional() }).parse({}), {});
  assert.equal(schema.describe("a person").description, "a person");
  assert.deepEqual(Object.keys(schema.shape), ["name", "age"]);
  const { required } = z.toJSONSchema(schema);
  assert.deepEqual(required, ["name", "age"]);
});

// contract: ENV-zod
test("to zod it is one schema: in JSON Schema, in registries, and as part of another", () => {
  const inner = lazySchema((own) => own.enum(["a", "b"]).default("a"));
  const outer = lazySchema((own) => own.object({ inner }));
  assert.equal(z.toJSONSchema(inner).default, "a");
  assert.deepEqual(Object.keys(z.toJSONSchema(outer.extend({ more: z.string() })).properties ?? {}), ["inner", "more"]);
  const registry = z.registry<{ title: string }>();
  inner.register(registry, { title: "letters" });
  assert.ok(registry.has(inner));
  assert.equal(inner.optional().unwrap(), inner);
  assert.equal(outer.shape.inner, inner);
  Object.defineProperty(inner, "mine", { value: 1, configurable: true });
  assert.equal(Object.getOwnPropertyDescriptor(inner, "mine")?.value, 1);
});

test("its keys can be read", () => {
  const schema = lazySchema(make);
  const plain = make(z);
  for (const key of Object.keys(plain)) assert.ok(Object.keys(schema).includes(key), key);
  assert.ok("parse" in schema);
  assert.equal(typeof Object.getOwnPropertyDescriptor(schema, "_zod"), "object");
});
