// Requests that violate the rules of their types, through the built addon.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { DescService, MessageInitShape } from "@bufbuild/protobuf";
import { ViolationsSchema } from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import { Code, ConnectError, createClient, type Interceptor, type ServiceImpl } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { createServer } from "@connectum/core";
import { createDefaultInterceptors, createMethodFilterInterceptor } from "@connectum/interceptors";
import { serve } from "./support/serve.ts";
import { fetchClients, nodeClients } from "./support/transports.ts";
import {
  type Families,
  type FamiliesSchema,
  FamilyService,
} from "./validation/gen/connectum/validation/v1/families_pb.js";
import { NestedService, SyntaxService } from "./validation/gen/connectum/validation/v1/faulty_pb.js";
import { type OrderSchema, OrderService } from "./validation/gen/connectum/validation/v1/orders_pb.js";

type OrderInit = MessageInitShape<typeof OrderSchema>;

const good: OrderInit = { email: "ada@example.com", quantity: 1, items: [{ sku: "abc" }] };
const bad: OrderInit = { email: "ada", quantity: 0, items: [{ sku: "ab" }] };
const ruleIds = ["string.email", "int32.gt_lte", "string.min_len"];

/** Accepts every order. */
function taking(seen: OrderInit[] = []): ServiceImpl<typeof OrderService> {
  const take = (order: OrderInit) => ({ id: `${seen.push(order)}` });
  return {
    place: take,
    async placeAll(orders) {
      let last = {};
      for await (const order of orders) last = take(order);
      return last;
    },
    async *watch(order) {
      yield take(order);
    },
    async *exchange(orders) {
      for await (const order of orders) yield take(order);
    },
    find: (receipt) => receipt,
  };
}

const serveOrders = (t: TestContext, seen?: OrderInit[]) =>
  serve(t, {
    services: [(router) => router.service(OrderService, taking(seen))],
    interceptors: createDefaultInterceptors({ errorHandler: { logErrors: false } }),
  });

/** The rules that a call has violated. */
async function brokenRules(call: Promise<unknown>): Promise<string[]> {
  try {
    await call;
  } catch (error) {
    assert.ok(error instanceof ConnectError);
    assert.equal(error.code, Code.InvalidArgument, error.message);
    return error.findDetails(ViolationsSchema).flatMap(({ violations }) => violations.map(({ ruleId }) => ruleId));
  }
  return [];
}

async function* sending<T>(...items: T[]) {
  yield* items;
}

async function drain(messages: AsyncIterable<unknown>) {
  for await (const _ of messages);
}

for (const { name, transport } of [...nodeClients, ...fetchClients]) {
  for (const useBinaryFormat of [true, false]) {
    // contract: VAL-2, VAL-5
    test(`${name}, ${useBinaryFormat ? "binary" : "JSON"}: violations are in the details of the error`, async (t) => {
      const seen: OrderInit[] = [];
      const { url } = await serveOrders(t, seen);
      const client = createClient(OrderService, transport(url, { useBinaryFormat }));
      assert.deepEqual(await brokenRules(client.place(bad)), ruleIds);
      assert.deepEqual(await brokenRules(drain(client.watch(bad))), ruleIds);
      assert.equal(seen.length, 0);
      assert.equal((await client.place(good)).id, "1");
    });
  }
}

for (const { name, transport } of nodeClients) {
  // contract: VAL-3
  test(`${name}: streams are validated message by message`, async (t) => {
    const seen: OrderInit[] = [];
    const { url } = await serveOrders(t, seen);
    const client = createClient(OrderService, transport(url));
    assert.deepEqual(await brokenRules(client.placeAll(sending(good, bad, good))), ruleIds);
    assert.equal(seen.length, 1);
    const received: string[] = [];
    const exchange = async () => {
      for await (const { id } of client.exchange(sending(good, bad, good))) received.push(id);
    };
    assert.deepEqual(await brokenRules(exchange()), ruleIds);
    assert.deepEqual(received, ["2"]);
  });
}

/** A plain object of fields, not a message. */
type FamiliesInit = Exclude<MessageInitShape<typeof FamiliesSchema>, Families>;

const families: [string, FamiliesInit][] = [
  ["string.min_len", { minLen: "a" }],
  ["string.max_len", { maxLen: "abc" }],
  ["string.pattern", { pattern: "A" }],
  ["string.email", { email: "a" }],
  ["string.uri", { uri: "a b" }],
  ["string.uuid", { uuid: "a" }],
  ["string.ip", { ip: "1.2.3" }],
  ["string.hostname", { hostname: "a_b" }],
  ["int32.lt", { lt: 5 }],
  ["int64.lte", { lte: 6n }],
  ["double.gt", { gt: 5 }],
  ["uint32.gte", { gte: 4 }],
  ["sint32.in", { in: 3 }],
  ["fixed64.not_in", { notIn: 1n }],
  ["float.const", { const: 1 }],
  ["repeated.max_items", { maxItems: [1, 2] }],
  ["repeated.unique", { unique: [1, 1] }],
  ["string.min_len", { items: ["a"] }],
  ["map.max_pairs", { maxPairs: { a: "a", b: "b" } }],
  ["string.min_len", { keys: { a: "abc" } }],
  ["string.min_len", { values: { abc: "a" } }],
  ["enum.defined_only", { definedOnly: 7 as never }],
  ["repeated.min_items", { lists: { minItems: [1], minPairs: { a: 1 } } }],
  ["map.min_pairs", { lists: { minItems: [1, 2] } }],
  ["required", { choice: { case: undefined } }],
];

// contract: VAL-9, VAL-4
test("families of rules: each is violated by one message, and by no other", { timeout: 30_000 }, async (t) => {
  const { url } = await serve(t, {
    services: [(router) => router.service(FamilyService, { check: () => ({}) })],
    interceptors: createDefaultInterceptors({ errorHandler: { logErrors: false } }),
  });
  const client = createClient(FamilyService, createConnectTransport({ baseUrl: url, httpVersion: "2" }));
  const valid: FamiliesInit = {
    required: {},
    ignored: "a",
    choice: { case: "one", value: "a" },
    email: "ada@example.com",
    ip: "::1",
    in: 2,
    definedOnly: 1,
    unique: [1, 2],
  };
  assert.deepEqual(await brokenRules(client.check(valid)), []);
  const { required: _, ...without } = valid;
  assert.deepEqual(await brokenRules(client.check(without)), ["required"]);
  for (const [rule, change] of families) {
    assert.deepEqual(
      await brokenRules(client.check({ ...valid, ...change })),
      [rule],
      JSON.stringify(Object.keys(change)),
    );
  }
});

/** The error of a start. */
async function refusal(service: DescService, interceptors: Interceptor[]): Promise<string> {
  const server = createServer({
    services: [(router) => router.service(service, {})],
    port: 0,
    host: "127.0.0.1",
    interceptors,
  });
  const error = await server.start().then(
    () => server.stop().then(() => null),
    (thrown: Error) => thrown,
  );
  return error?.message ?? "it started";
}

// contract: VAL-6
test("a rule that cannot be compiled fails the start, wherever the validation is installed", async () => {
  const validation = createDefaultInterceptors({ errorHandler: false });
  const filtered = (pattern: string) => [createMethodFilterInterceptor({ [pattern]: validation })];
  const syntax = /^the rules of connectum\.validation\.v1\.Syntax cannot be used: failed to compile syntax\.name: /;
  assert.match(await refusal(SyntaxService, createDefaultInterceptors()), syntax);
  assert.match(await refusal(SyntaxService, filtered("*")), syntax);
  assert.match(await refusal(SyntaxService, filtered("connectum.validation.v1.SyntaxService/*")), syntax);
  assert.match(
    await refusal(NestedService, validation),
    /^the rules of connectum\.validation\.v1\.Middle cannot be used: failed to compile middle\.name: /,
  );
  assert.equal(await refusal(SyntaxService, createDefaultInterceptors({ validation: false })), "it started");
  assert.equal(await refusal(OrderService, createDefaultInterceptors()), "it started");
});

// contract: MF-4, SC-18
test("shortcoming 18, a filter that can never match is accepted: it fails the start", async () => {
  assert.match(
    await refusal(OrderService, [createMethodFilterInterceptor({ "connectum.validation.v1.OrderService/place": [] })]),
    /^Method filter pattern ".*" never matches: there is no method .* Here are .*OrderService\/Place, /,
  );
});

test("a client validates before it sends", async (t) => {
  const seen: OrderInit[] = [];
  const { url } = await serve(t, { services: [(router) => router.service(OrderService, taking(seen))] });
  for (const { transport } of nodeClients) {
    const interceptors = createDefaultInterceptors({ errorHandler: false });
    const client = createClient(OrderService, transport(url, { interceptors }));
    const before = seen.length;
    assert.deepEqual(await brokenRules(client.place(bad)), ruleIds);
    assert.deepEqual(await brokenRules(client.placeAll(sending(bad))), ruleIds);
    assert.equal(seen.length, before);
    await client.place(good);
  }
});
