// The context of a handler: it has its properties itself, and creates them on first use.
import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { createContextKey } from "@connectrpc/connect";
import { EchoService } from "../../../../proto/gen/connectum/test/v1/echo_pb.ts";
import { InboundCallHead } from "../boundary/call-head.ts";
import type { CallPort } from "../boundary/call-port.ts";
import {
  FLAG_GET,
  FLAG_JSON,
  PROTOCOL_CONNECT,
  PROTOCOL_GRPC,
  PROTOCOL_GRPC_WEB,
  PROTOCOL_SHIFT,
} from "../boundary/native.ts";
import { UNKNOWN } from "../options/peer.ts";
import { mount } from "../services/router.ts";
import { Call } from "./call.ts";
import { createContext } from "./context.ts";

const silent: CallPort = { read: () => null, write() {}, finish() {}, fail() {}, peer: () => UNKNOWN, report() {} };

function newCall(flags = 0, deadline?: number, head = "http://a/b\nx-a\n1") {
  const [route = assert.fail()] = mount({ services: [(router) => router.service(EchoService, {})] }).routes;
  return new Call(silent, 1, route, deadline, new InboundCallHead(flags, head));
}

/** All properties of `HandlerContext`, and `peer`. */
const fields = [
  "method",
  "peer",
  "protocolName",
  "requestHeader",
  "requestMethod",
  "responseHeader",
  "responseTrailer",
  "service",
  "signal",
  "timeoutMs",
  "url",
  "values",
];

// contract: K1, K2
test("every field is an own, enumerable property: a spread copies all of them", () => {
  const context = createContext(newCall());
  assert.deepEqual(Object.keys(context).sort(), fields);
  const copy = { ...context };
  for (const field of fields) assert.equal(Reflect.get(copy, field), Reflect.get(context, field), field);
});

test("a frozen context has the same fields", () => {
  const context = createContext(newCall());
  const before = { ...context };
  assert.ok(Object.isFrozen(Object.freeze(context)));
  assert.deepEqual(Object.keys(context).sort(), fields);
  for (const field of fields) assert.equal(Reflect.get(context, field), Reflect.get(before, field), field);
  assert.throws(() => Object.assign(context, { url: "another" }), TypeError);
});

test("an object derived from a context has properties of its own, and does not change the context", () => {
  const context = createContext(newCall());
  const derived = Object.create(context);
  derived.url = "http://another";
  derived.user = "ada";
  assert.deepEqual([derived.url, derived.user], ["http://another", "ada"]);
  assert.deepEqual([context.url, Reflect.get(context, "user")], ["http://a/b", undefined]);
  assert.deepEqual(Object.keys(derived), ["url", "user"]);
});

test("properties of a context can be set, and set again", () => {
  const context = createContext(newCall());
  for (const url of ["http://one", "http://other"]) {
    Object.assign(context, { url, user: url });
    assert.deepEqual([context.url, Reflect.get(context, "user")], [url, url]);
  }
  assert.deepEqual(Object.keys(context).sort(), [...fields, "user"].sort());
  const given: unknown[] = [];
  Object.defineProperty(context, "user", { set: (value) => void given.push(value) });
  Object.assign(context, { user: "by a setter" });
  assert.deepEqual(given, ["by a setter"]);
});

test("a deleted property of a context is gone, and the others are what they were", () => {
  const context = createContext(newCall());
  const before = { ...context };
  assert.ok(Reflect.deleteProperty(context, "signal"));
  assert.deepEqual([context.signal, "signal" in context], [undefined, false]);
  const others = fields.filter((field) => field !== "signal");
  assert.deepEqual(Object.keys(context).sort(), others);
  for (const field of others) assert.equal(Reflect.get(context, field), Reflect.get(before, field), field);
  Object.assign(context, { signal: before.signal });
  assert.deepEqual(Object.keys(context).sort(), fields);
  assert.ok(Object.isFrozen(Object.freeze(context)));
  assert.equal(Reflect.deleteProperty(context, "url"), false, "not from a frozen one");
});

test("a context is printed with its method, protocol and URL", () => {
  assert.equal(
    inspect(createContext(newCall(PROTOCOL_GRPC << PROTOCOL_SHIFT))),
    inspect({
      method: "connectum.test.v1.EchoService/Echo",
      protocolName: "grpc",
      requestMethod: "POST",
      url: "http://a/b",
    }),
  );
});

// contract: K1, CN-lazy-url
test("headers and signal are created on first use, and once", (t) => {
  const created: string[] = [];
  const watch = (name: "Headers" | "AbortController" | "URL") => {
    const real = globalThis[name];
    const before = Object.getOwnPropertyDescriptor(globalThis, name) ?? assert.fail();
    t.after(() => Object.defineProperty(globalThis, name, before));
    Object.defineProperty(globalThis, name, {
      configurable: true,
      get() {
        created.push(name);
        return real;
      },
    });
  };
  watch("Headers");
  watch("AbortController");
  watch("URL");
  const call = newCall();
  const context = createContext(call);
  assert.deepEqual([context.method, context.service], [EchoService.method.echo, EchoService]);
  assert.deepEqual([context.url, context.requestMethod, context.protocolName], ["http://a/b", "POST", "connect"]);
  call.finish();
  assert.deepEqual(created, []);
  const expectations: [keyof typeof context, string][] = [
    ["requestHeader", "Headers"],
    ["responseHeader", "Headers"],
    ["responseTrailer", "Headers"],
    ["signal", "AbortController"],
  ];
  for (const [field, expected] of expectations) {
    assert.equal(context[field], context[field]);
    assert.deepEqual(created.splice(0), [expected], field);
  }
});

for (const [protocol, protocolName] of [
  [PROTOCOL_CONNECT, "connect"],
  [PROTOCOL_GRPC, "grpc"],
  [PROTOCOL_GRPC_WEB, "grpc-web"],
] as const) {
  for (const [flags, requestMethod, json] of [
    [0, "POST", false],
    [FLAG_JSON, "POST", true],
    [FLAG_GET, "GET", false],
    [FLAG_GET | FLAG_JSON, "GET", true],
  ] as const) {
    test(`flags of ${protocolName} by ${requestMethod} in ${json ? "JSON" : "binary"}`, () => {
      const call = newCall((protocol << PROTOCOL_SHIFT) | flags);
      const context = createContext(call);
      assert.deepEqual([context.protocolName, context.requestMethod], [protocolName, requestMethod]);
      assert.equal(call.json, json);
    });
  }
}

test("timeoutMs counts down, and is undefined without a deadline", () => {
  assert.equal(createContext(newCall()).timeoutMs(), undefined);
  const remaining = createContext(newCall(0, performance.now() + 1_000)).timeoutMs() ?? 0;
  assert.ok(Number.isInteger(remaining) && remaining > 900 && remaining <= 1_000, `${remaining}`);
  assert.ok((createContext(newCall(0, performance.now() - 500)).timeoutMs() ?? 0) < 0, "a deadline that has passed");
});

test("each context has its own values", () => {
  const key = createContextKey("default");
  const [one, other] = [createContext(newCall()), createContext(newCall())];
  one.values.set(key, "mine");
  assert.deepEqual([one.values.get(key), other.values.get(key)], ["mine", "default"]);
});
