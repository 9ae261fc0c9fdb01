// Requests for interceptors. Runs under every test runner: scripts/matrix.mjs.
import assert from "node:assert/strict";
import { test } from "node:test";
import { create, fromBinary, toBinary, toJson } from "@bufbuild/protobuf";
import { createContextKey, createContextValues, type Interceptor } from "@connectrpc/connect";
import {
  createFakeMethod,
  createFakeService,
  createMockDescMessage,
  createMockDescMethod,
  createMockNext,
  createMockRequest,
  type MockRequestOptions,
} from "@connectum/test-fixtures";

// contract: REQ-1, REQ-5
test("a request has everything that connect's requests have", () => {
  const request = createMockRequest();
  assert.deepEqual(Object.keys(request).sort(), [
    "contextValues",
    "header",
    "message",
    "method",
    "requestMethod",
    "service",
    "signal",
    "stream",
    "url",
  ]);
  const { service, method, header, url, stream, message, signal, requestMethod, contextValues } = request;
  assert.deepEqual([service.typeName, service.name], ["test.TestService", "TestService"]);
  assert.deepEqual([method.name, method.localName, method.methodKind], ["TestMethod", "testMethod", "unary"]);
  assert.equal(method.parent, service);
  assert.deepEqual([service.methods[0] === method, service.method["testMethod"] === method], [true, true]);
  assert.deepEqual(
    [method.input.typeName, method.output.typeName],
    ["test.TestMethodRequest", "test.TestMethodResponse"],
  );
  assert.deepEqual([...header], []);
  assert.equal(url, "http://localhost/test.TestService/TestMethod");
  assert.deepEqual([stream, message, signal.aborted, requestMethod], [false, {}, false, "POST"]);
  const key = createContextKey("default");
  assert.equal(contextValues.set(key, "set").get(key), "set");
});

// contract: REQ-1
test("the default message is one of the method's input, for protobuf-es too", () => {
  const { method, message } = createMockRequest();
  assert.deepEqual(toJson(method.input, message), {});
  assert.deepEqual(fromBinary(method.input, toBinary(method.input, message)), create(method.input));
  const types = createMockDescMethod("Get", { input: createMockDescMessage("shop.Key", { fields: [{ name: "id" }] }) });
  assert.deepEqual(createMockRequest({ method: types }).message, { id: "" });
});

// contract: REQ-2
test("what is given is used itself, and defaults are new for each request", () => {
  const given = {
    message: { name: "Ada" },
    headers: new Headers({ "x-id": "7" }),
    signal: new AbortController().signal,
    contextValues: createContextValues(),
  };
  const request = createMockRequest(given);
  assert.equal(request.message, given.message);
  assert.equal(request.header, given.headers);
  assert.equal(request.signal, given.signal);
  assert.equal(request.contextValues, given.contextValues);
  const [one, other] = [createMockRequest(), createMockRequest()];
  for (const key of ["service", "method", "header", "signal", "contextValues", "message"] as const) {
    assert.notEqual(one[key], other[key], key);
  }
});

// contract: REQ-3
test("undefined and null are replaced by defaults, and nothing else is; a url is taken as it is", () => {
  const names = [
    "service",
    "method",
    "message",
    "stream",
    "url",
    "headers",
    "signal",
    "contextValues",
    "requestMethod",
  ];
  for (const nothing of [undefined, null]) {
    const options = Object.fromEntries(names.map((name) => [name, nothing])) as MockRequestOptions;
    const { service, method, url, stream, message, requestMethod } = createMockRequest(options);
    assert.deepEqual(
      [service.typeName, method.name, url, stream, message, requestMethod],
      ["test.TestService", "TestMethod", "http://localhost/test.TestService/TestMethod", false, {}, "POST"],
    );
  }
  const empty = createMockRequest({ service: "", method: "", message: "", url: "", requestMethod: "" });
  assert.deepEqual(
    [empty.service.typeName, empty.method.name, empty.message, empty.url, empty.requestMethod],
    Array(5).fill(""),
  );
  const named = createMockRequest({ service: "shop.v1.Catalog", method: "List", requestMethod: "GET" });
  assert.equal(named.url, "http://localhost/shop.v1.Catalog/List");
  assert.deepEqual([named.service.name, named.method.localName, named.requestMethod], ["Catalog", "list", "GET"]);
  assert.equal(createMockRequest({ service: "a.B", url: "/not a url" }).url, "/not a url");
});

// contract: REQ-4
test("a request is a plain object, and its parts can be replaced", () => {
  const request = createMockRequest();
  assert.equal(Object.getPrototypeOf(request), Object.prototype);
  const input = createMockDescMessage("shop.Order");
  const output = createMockDescMessage("shop.Receipt");
  request.method.input = input;
  request.method.output = output;
  request.message = "anything";
  request.url = "https://example.com/";
  assert.deepEqual([request.method.input === input, request.method.output === output], [true, true]);
  assert.deepEqual([request.message, request.url], ["anything", "https://example.com/"]);
  assert.deepEqual({ ...request, message: 1 }.header, request.header);
});

// contract: REQ-5
test("a streaming request has a method with streams, and by default no messages", async () => {
  const request = createMockRequest({ stream: true });
  assert.deepEqual([request.stream, request.method.methodKind], [true, "bidi_streaming"]);
  for (let times = 0; times < 2; times++) {
    for await (const message of request.message) assert.fail(`there is ${message}`);
  }
});

test("a method may be a descriptor: its service, its kind and its types are those of the request", () => {
  const service = createFakeService({ typeName: "shop.v1.Catalog" });
  const list = createFakeMethod(service, "List", { methodKind: "server_streaming" });
  const request = createMockRequest({ method: list });
  assert.deepEqual([request.method === list, request.service === service, request.stream], [true, true, true]);
  assert.equal(request.url, "http://localhost/shop.v1.Catalog/List");
  const get = createFakeMethod(service, "Get");
  assert.deepEqual(createMockRequest({ method: get }).message, {});
  assert.equal(createMockRequest({ method: get, service: "shop.v1.Catalog" }).service, service);
});

test("a method without a service is copied into the one that is named", () => {
  const method = createMockDescMethod("Get", { kind: "client_streaming" });
  const request = createMockRequest({ method, service: "shop.v1.Catalog" });
  assert.deepEqual([request.service.typeName, request.stream], ["shop.v1.Catalog", true]);
  assert.deepEqual([request.method.input === method.input, request.method.parent], [true, request.service]);
  assert.equal(method.parent, undefined);
});

test("an interceptor that reads and sets everything works", async () => {
  const key = createContextKey("");
  const interceptor: Interceptor = (next) => async (request) => {
    request.header.set(
      "x-method",
      `${request.service.file.name} ${request.method.idempotency} ${request.requestMethod}`,
    );
    request.contextValues.set(key, new URL(request.url).pathname);
    request.signal.throwIfAborted();
    const response = await next({ ...request, url: `${request.url}?` } as typeof request);
    response.header.set("x-output", response.method.output.typeName);
    response.trailer.set("x-service", response.service.typeName);
    return response;
  };
  const request = createMockRequest();
  const response = await interceptor(createMockNext())(request);
  assert.equal(request.header.get("x-method"), "test/TestMethodRequest.proto 0 POST");
  assert.equal(request.contextValues.get(key), "/test.TestService/TestMethod");
  assert.equal(response.header.get("x-output"), "test.TestMethodResponse");
  assert.equal(response.trailer.get("x-service"), "test.TestService");
});

const unary = createFakeMethod(createFakeService({ typeName: "shop.v1.Catalog" }), "Get");

for (const [what, options, message] of [
  [
    "an option that does not exist",
    { mesage: {} },
    'createMockRequest: there is no option "mesage". It can be "service", "method", "message", "stream", "url", ' +
      '"headers", "signal", "contextValues", "requestMethod".',
  ],
  ["a text in place of options", "TestMethod", "createMockRequest: the options must be an object, not string"],
  [
    "a descriptor in place of the name of a service",
    { service: createFakeService() },
    "createMockRequest: service must be a full name, such as shop.v1.Catalog, not an object",
  ],
  [
    "a service whose name is none",
    { service: "shop/Catalog" },
    'createMockRequest: service must be a full name, such as shop.v1.Catalog, not "shop/Catalog"',
  ],
  ["a number as a method", { method: 5 }, "createMockRequest: method must be a name, such as GetOrder, not 5"],
  [
    "headers that are a record",
    { headers: { "x-a": "1" } },
    "createMockRequest: headers must be a Headers, as in new Headers({ name: value })",
  ],
  [
    "a stream for a unary method",
    { method: unary, stream: true },
    "createMockRequest: Get is unary, so stream cannot be true",
  ],
  [
    "another service than the method's",
    { method: unary, service: "shop.v1.Orders" },
    "createMockRequest: Get is a method of shop.v1.Catalog, not of shop.v1.Orders",
  ],
] as const) {
  test(`rejected: ${what}`, () => {
    assert.throws(() => createMockRequest(options as unknown as MockRequestOptions), { name: "TypeError", message });
  });
}

test("an option whose value is undefined counts as absent", () => {
  assert.equal(createMockRequest({ mesage: undefined } as MockRequestOptions).stream, false);
});
