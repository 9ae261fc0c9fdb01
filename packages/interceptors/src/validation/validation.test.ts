// Validation by buf.validate: requests, streams, and rules that do not compile.
import assert from "node:assert/strict";
import { test } from "node:test";
import { create, type DescMethod, type DescService, isFieldSet, type Message } from "@bufbuild/protobuf";
import { ValidationError } from "@bufbuild/protovalidate";
import { ViolationsSchema } from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import { Code, ConnectError, type Interceptor, type StreamRequest } from "@connectrpc/connect";
import { callPrepare } from "@connectum/hooks";
import {
  answering,
  type Next,
  rejection,
  responseTo,
  run,
  streamOf,
  streamRequest,
  unaryRequest,
} from "../../../../__test__/support/interceptor-calls.ts";
import {
  FamiliesSchema,
  FamilyService,
} from "../../../../__test__/validation/gen/connectum/validation/v1/families_pb.js";
import * as faulty from "../../../../__test__/validation/gen/connectum/validation/v1/faulty_pb.js";
import {
  type Order,
  OrderSchema,
  OrderService,
  ReceiptSchema,
} from "../../../../__test__/validation/gen/connectum/validation/v1/orders_pb.js";
import {
  NamedSchema,
  NamingService,
} from "../../../../__test__/validation/gen/connectum/validation/v1/predefined_pb.js";
import { EchoService } from "../../../../proto/gen/connectum/test/v1/echo_pb.ts";
import { hasRules } from "./validated-types.ts";
import { createValidation } from "./validation.ts";

const good = () => create(OrderSchema, { email: "ada@example.com", quantity: 1, items: [{ sku: "abc" }] });
const { place, exchange, find } = OrderService.method;

const requestOf = (message: Message, method: DescMethod = place) => unaryRequest({ method, message });

/** The messages that the handler gets of a stream of orders, and the error that ends it. */
async function received(...orders: Order[]): Promise<{ seen: Message[]; error: unknown }> {
  const seen: Message[] = [];
  const next: Next = async (request) => {
    assert.ok(request.stream);
    for await (const message of request.message) seen.push(message);
    return responseTo(request);
  };
  const request: StreamRequest = { ...streamRequest([], { method: exchange }), message: streamOf(...orders) };
  const error = await run(createValidation(), next, request).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return { seen, error };
}

// contract: VAL-2, VAL-4, VAL-5
test("a message that violates its rules is invalid_argument, and never reaches the handler", async () => {
  const next = answering();
  const order = create(OrderSchema, { email: "nobody", quantity: 101, items: [{ sku: "ab" }] });
  const error = await rejection(run(createValidation(), next, requestOf(order)));
  assert.ok(error instanceof ConnectError);
  assert.equal(error.code, Code.InvalidArgument);
  assert.equal(error.rawMessage, "email: must be a valid email address [string.email], and 2 more violations");
  assert.ok(error.cause instanceof ValidationError);
  const [details, ...others] = error.findDetails(ViolationsSchema);
  assert.equal(others.length, 0);
  assert.deepEqual(
    details?.violations.map(({ ruleId }) => ruleId),
    ["string.email", "int32.gt_lte", "string.min_len"],
  );
  assert.equal(next.mock.callCount(), 0);
});

// contract: VAL-4
test("the text names the first violation, and counts the others", async () => {
  const texts: [Partial<Order>, string][] = [
    [{ quantity: 0 }, "quantity: must be greater than 0 and less than or equal to 100 [int32.gt_lte]"],
    [{ gift: true, quantity: 2 }, "a gift has one item [order.gift]"],
    [{ gift: true, quantity: 0 }, "quantity: must be .* \\[int32.gt_lte\\], and 1 more violation$"],
  ];
  for (const [change, text] of texts) {
    const error = await rejection(run(createValidation(), answering(), requestOf({ ...good(), ...change })));
    assert.ok(error instanceof ConnectError);
    if (text.endsWith("$")) assert.match(error.rawMessage, new RegExp(text));
    else assert.equal(error.rawMessage, text);
  }
});

// contract: VAL-4, VAL-5
test("the client gets a hundred violations at most, and the count of all", async () => {
  const items = Array.from({ length: 1_000 }, () => ({ sku: "a" }));
  const order = create(OrderSchema, { email: "ada@example.com", quantity: 1, items });
  const error = await rejection(run(createValidation(), answering(), requestOf(order)));
  assert.ok(error instanceof ConnectError);
  const [detail] = error.findDetails(ViolationsSchema);
  assert.equal(detail?.violations.length, 100);
  assert.match(error.rawMessage, /, and 999 more violations$/);
});

// contract: VAL-4, VAL-5
test("violations with long field paths are limited by size, but at least one is sent", async () => {
  const check = FamilyService.method.check;
  for (const length of [50_000, 100_000]) {
    const values = Object.fromEntries(["a", "b", "c"].map((key) => [key.repeat(length), "x"]));
    const message = create(FamiliesSchema, { required: {}, choice: { case: "one", value: "a" }, values });
    const error = await rejection(run(createValidation(), answering(), requestOf(message, check)));
    assert.ok(error instanceof ConnectError);
    assert.equal(error.findDetails(ViolationsSchema)[0]?.violations.length, 1);
    assert.match(error.rawMessage, /, and 2 more violations$/);
  }
});

// contract: VAL-3
test("each message of a stream is validated when it is read", async () => {
  const bad = { ...good(), quantity: 0 };
  const { seen, error } = await received(good(), bad, good());
  assert.equal(seen.length, 1);
  assert.equal((error as ConnectError).code, Code.InvalidArgument);
  assert.deepEqual(await received(good(), good()), { seen: [good(), good()], error: undefined });
});

// contract: VAL-7, COM-5
test("responses are not validated, and pass as the same objects", async () => {
  const response = { ...responseTo(requestOf(good())), message: create(OrderSchema) };
  assert.equal(await run(createValidation(), async () => response as never, requestOf(good())), response);
});

// contract: VAL-8
test("types without rules are recognized, and their messages pass unread", async () => {
  const schemas = {
    Order: OrderSchema,
    Receipt: ReceiptSchema,
    Outer: faulty.OuterSchema,
    Answer: faulty.AnswerSchema,
  };
  const found = Object.entries(schemas).filter(([, schema]) => hasRules(schema));
  assert.deepEqual(
    found.map(([name]) => name),
    ["Order", "Outer"],
  );
  const request = requestOf(create(ReceiptSchema), find);
  // A validator would reject this, because it is not a message.
  const next = answering();
  await run(createValidation(), next, { ...request, message: {} as Message });
  assert.equal(next.mock.callCount(), 1);
});

function start(...services: DescService[]): void {
  callPrepare(
    createValidation(),
    services.flatMap(({ methods }) => methods),
  );
}

const faults: [DescService, string, RegExp][] = [
  [faulty.SyntaxService, "Syntax", /failed to compile syntax\.name: /],
  [faulty.UnknownFieldService, "UnknownField", /field not found: nmae/],
  [faulty.UnknownFunctionService, "UnknownFunction", /unbound function: shout/],
  [faulty.NoBooleanService, "NoBoolean", /expression no\.boolean outputs /],
  [faulty.OneofService, "Oneof", /field "nmae" not found in message connectum\.validation\.v1\.Oneof/],
  [faulty.NestedService, "Middle", /failed to compile middle\.name: /],
];

for (const [service, type, rule] of faults) {
  // contract: VAL-6
  test(`a rule of ${type} that does not compile fails the start, whose error names both`, () => {
    assert.throws(
      () => start(OrderService, service),
      (error: Error) => {
        assert.ok(
          error.message.startsWith(`the rules of connectum.validation.v1.${type} cannot be used: `),
          error.message,
        );
        assert.match(error.message, rule);
        return true;
      },
    );
  });
}

// contract: VAL-6
test("rules that compile but fail for some messages do not: such messages are invalid_argument", async () => {
  start(OrderService, EchoService, faulty.DivisionService, faulty.DynamicService);
  const { call } = faulty.DivisionService.method;
  const by = (by: number) =>
    run(createValidation(), answering(), requestOf(create(faulty.DivisionSchema, { by }), call));
  await by(1);
  const error = await rejection(by(0));
  assert.ok(error instanceof ConnectError);
  assert.deepEqual([error.code, error.details], [Code.InvalidArgument, []]);
});

// contract: VAL-1
test("rules are compiled once for each type and interceptor", async (t) => {
  // Compiling a rule reads its expression.
  const { options } = OrderSchema.proto;
  let reads = 0;
  Object.defineProperty(OrderSchema.proto, "options", {
    get: () => {
      reads += 1;
      return options;
    },
    configurable: true,
  });
  t.after(() => Object.defineProperty(OrderSchema.proto, "options", { value: options, writable: true }));
  const readsOf = async (interceptor: Interceptor) => {
    const before = reads;
    await run(interceptor, answering(), requestOf(good()));
    return reads - before;
  };
  const [one, other] = [createValidation(), createValidation()];
  const first = await readsOf(one);
  assert.ok(first > 0);
  assert.deepEqual([await readsOf(one), await readsOf(other), await readsOf(other)], [0, first, 0]);
});

// contract: VAL-9
test("rules that a file defines itself are known", async () => {
  start(NamingService);
  const named = (name: string) =>
    run(createValidation(), answering(), requestOf(create(NamedSchema, { name }), NamingService.method.call));
  await named("ada");
  const error = await rejection(named("Ada"));
  assert.equal((error as ConnectError).rawMessage, "name: must be in lower case [string.lower_case]");
});

test("sample messages are not the default values of the schema", () => {
  start(OrderService);
  assert.equal(isFieldSet(create(OrderSchema), OrderSchema.field.quantity), false);
});
