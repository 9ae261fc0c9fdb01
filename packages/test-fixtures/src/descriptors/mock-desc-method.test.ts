// Methods with types, made by hand. Runs under every test runner: scripts/matrix.mjs.
import assert from "node:assert/strict";
import { test } from "node:test";
import { create, toBinary } from "@bufbuild/protobuf";
import { MethodDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { createMockDescMessage, createMockDescMethod, type MockDescMethodOptions } from "@connectum/test-fixtures";

// contract: DX-1
test("a method is unary and of no service, unless another kind is given", () => {
  const { kind, name, localName, methodKind, deprecated, parent } = createMockDescMethod("GetOrder");
  assert.deepEqual([kind, name, localName, methodKind], ["rpc", "GetOrder", "getOrder", "unary"]);
  assert.deepEqual([deprecated, parent], [false, undefined]);
  for (const kind of ["unary", "server_streaming", "client_streaming", "bidi_streaming"] as const) {
    const { methodKind, proto } = createMockDescMethod("GetOrder", { kind });
    const streams = [proto.clientStreaming, proto.serverStreaming];
    assert.deepEqual([methodKind, ...streams], [kind, /client|bidi/.test(kind), /server|bidi/.test(kind)]);
  }
});

// contract: DX-2
test("input and output are empty messages unless they are given", () => {
  const { input, output, proto } = createMockDescMethod("GetOrder");
  assert.deepEqual(create(input), { $typeName: "test.GetOrderRequest" });
  assert.deepEqual(create(output), { $typeName: "test.GetOrderResponse" });
  assert.deepEqual([proto.inputType, proto.outputType], [".test.GetOrderRequest", ".test.GetOrderResponse"]);
  const given = { input: createMockDescMessage("shop.Key"), output: createMockDescMessage("shop.Order") };
  const method = createMockDescMethod("GetOrder", given);
  assert.deepEqual([method.input === given.input, method.output === given.output], [true, true]);
});

// contract: DX-3
test("with redaction the method has the option debug_redact", () => {
  assert.equal(createMockDescMethod("GetOrder").proto.options, undefined);
  assert.equal(createMockDescMethod("GetOrder", { useSensitiveRedaction: false }).proto.options, undefined);
  const { proto } = createMockDescMethod("GetOrder", { useSensitiveRedaction: true });
  assert.equal(Reflect.get(proto.options ?? {}, "debug_redact"), true);
  assert.ok(toBinary(MethodDescriptorProtoSchema, proto).length > 0);
});

test("an option that does not exist is rejected", () => {
  assert.throws(() => createMockDescMethod("Get", { methodKind: "unary" } as MockDescMethodOptions), {
    name: "TypeError",
    message:
      'createMockDescMethod: there is no option "methodKind". It can be "input", "output", "kind", "useSensitiveRedaction".',
  });
});

test("what is no name, and a kind that there is not, is rejected", () => {
  const make = (...given: unknown[]) => Reflect.apply(createMockDescMethod, undefined, given);
  for (const name of ["a b", "a.B", 5, undefined]) {
    assert.throws(() => make(name), {
      name: "TypeError",
      message: `createMockDescMethod: name must be a name, such as GetOrder, not ${JSON.stringify(name)}`,
    });
  }
  for (const [kind, given] of [
    ["stream", '"stream"'],
    [5, "number"],
  ]) {
    assert.throws(() => make("Get", { kind }), {
      name: "TypeError",
      message: `createMockDescMethod: kind must be one of "unary", "server_streaming", "client_streaming", "bidi_streaming", not ${given}`,
    });
  }
});
