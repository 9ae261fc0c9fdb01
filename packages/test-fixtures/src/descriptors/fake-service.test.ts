// Services and methods without messages. Runs under every test runner: scripts/matrix.mjs.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createFakeMethod,
  createFakeService,
  type FakeMethodOptions,
  type FakeServiceOptions,
} from "@connectum/test-fixtures";

// contract: FS-1
test("a service has names and no methods, and no file", () => {
  const service = createFakeService();
  const { kind, typeName, name, methods, method, deprecated, proto } = service;
  assert.deepEqual([kind, typeName, name], ["service", "test.v1.TestService", "TestService"]);
  assert.deepEqual([methods, method, deprecated, proto.options], [[], {}, false, undefined]);
  assert.ok(!("file" in service));
  assert.equal(createFakeService({ typeName: "shop.v1.Catalog" }).name, "Catalog");
  assert.equal(createFakeService({ typeName: "Catalog" }).name, "Catalog");
  const named = createFakeService({ typeName: "shop.v1.Catalog", name: "Other" });
  assert.deepEqual([named.typeName, named.name], ["shop.v1.Catalog", "Other"]);
});

// contract: FS-2
test("a method has names, a kind and its service, and no messages", () => {
  const service = createFakeService();
  const method = createFakeMethod(service, "ListItems");
  const { kind, name, localName, parent, methodKind, deprecated, proto } = method;
  assert.deepEqual([kind, name, localName, methodKind], ["rpc", "ListItems", "listItems", "unary"]);
  assert.deepEqual([parent === service, deprecated, proto.options], [true, false, undefined]);
  assert.deepEqual(["input" in method, "output" in method], [false, false]);
  assert.equal(createFakeMethod(service, "A", { methodKind: "bidi_streaming" }).methodKind, "bidi_streaming");
});

// contract: FS-3
test("only register changes the service; a name that is registered twice is there twice, the last one in the map", () => {
  const service = createFakeService();
  createFakeMethod(service, "List");
  createFakeMethod(service, "List", { register: false });
  assert.deepEqual([service.methods, service.method], [[], {}]);
  const first = createFakeMethod(service, "List", { register: true });
  const last = createFakeMethod(service, "List", { register: true });
  assert.deepEqual([service.methods[0] === first, service.methods[1] === last], [true, true]);
  assert.deepEqual([service.methods.length, service.method["list"] === last], [2, true]);
});

test("an option that does not exist is rejected", () => {
  assert.throws(() => createFakeService({ typename: "a.B" } as FakeServiceOptions), {
    name: "TypeError",
    message: 'createFakeService: there is no option "typename". It can be "typeName", "name".',
  });
  assert.throws(() => createFakeMethod(createFakeService(), "A", { kind: "unary" } as FakeMethodOptions), {
    name: "TypeError",
    message: 'createFakeMethod: there is no option "kind". It can be "methodKind", "register".',
  });
});

test("a kind that there is not is rejected", () => {
  const wrong = { methodKind: "stream" } as unknown as FakeMethodOptions;
  assert.throws(() => createFakeMethod(createFakeService(), "A", wrong), {
    name: "TypeError",
    message:
      'createFakeMethod: methodKind must be one of "unary", "server_streaming", "client_streaming", "bidi_streaming", ' +
      'not "stream"',
  });
});
