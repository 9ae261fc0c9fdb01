// The router: the mounted routes and services, their order, and their options.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import { TestService, UnimplementedService } from "../../../../examples/interop/gen/grpc/testing/test_pb.js";
import { EchoService } from "../../../../proto/gen/connectum/test/v1/echo_pb.ts";
import type { Context } from "../catalog/call-types.ts";
import { defineLazyService, defineService } from "./define-service.ts";
import type { ProtocolContext } from "./protocol.ts";
import type { Route } from "./route.ts";
import { mount } from "./router.ts";

const NAME = "connectum.test.v1.EchoService";
const context = {} as Context;

const routeOf = (routes: readonly Route[], method: string) =>
  routes.find(({ path }) => path === `/${NAME}/${method}`) ?? assert.fail(`no route for ${method}`);

const responseOf = (routes: readonly Route[], method = "Echo") =>
  routeOf(routes, method).handler({ $typeName: "none" }, context) as { text?: string };

const all = {
  echo: () => ({ text: "echo" }),
  echoGet: () => ({ text: "get" }),
  async *echoServerStream() {},
  echoClientStream: async () => ({}),
  async *echoBidiStream() {},
};

// contract: F-mixed, R5
test("services may be functions, definitions, or both", () => {
  const { routes, services } = mount({
    services: [
      (router) => router.service(EchoService, { echo: () => ({ text: "function" }) }),
      defineService(EchoService, { ...all, echo: () => ({ text: "definition" }) }),
    ],
  });
  assert.equal(responseOf(routes).text, "definition", "of two registrations the later one counts");
  assert.equal(routes.length, EchoService.methods.length, "one route for each path");
  assert.deepEqual(services, [EchoService, EchoService]);
});

test("the router can be chained like connect's", () => {
  const { routes } = mount({
    services: [(router) => router.service(EchoService, {}).rpc(EchoService.method.echo, () => ({ text: "rpc" }))],
  });
  assert.equal(responseOf(routes).text, "rpc");
});

// contract: R4
test("a method registered with rpc() mounts no service", () => {
  const { routes, services } = mount({
    services: [(router) => void router.rpc(EchoService.method.echo, () => ({ text: "rpc" }))],
  });
  assert.deepEqual(
    routes.map(({ path }) => path),
    [`/${NAME}/Echo`],
  );
  assert.deepEqual(services, []);
});

class Handlers {
  readonly #text = "private";
  echo() {
    return { text: this.#text };
  }
}

class Derived extends Handlers {
  echoGet() {
    return { text: "derived" };
  }
}

// contract: F-class, D3
test("an instance of a class is an implementation: its methods, inherited ones too, are called with it as this", () => {
  for (const service of [
    (router: ConnectRouter) => void router.service(EchoService, new Derived()),
    defineService(EchoService, new Derived() as Derived & typeof all),
  ]) {
    const { routes } = mount({ services: [service] });
    assert.equal(responseOf(routes, "Echo").text, "private");
    assert.equal(responseOf(routes, "EchoGet").text, "derived");
  }
});

for (const [what, implementation] of Object.entries({
  "is missing": {},
  "is undefined": { echoServerStream: undefined },
})) {
  // contract: R6, D4
  test(`a method that ${what} fails as unimplemented, with its name`, () => {
    const { routes } = mount({ services: [(router) => router.service(EchoService, implementation as object)] });
    assert.throws(
      () => responseOf(routes, "EchoServerStream"),
      (error) => {
        assert.ok(error instanceof ConnectError);
        assert.deepEqual(
          [error.code, error.rawMessage],
          [Code.Unimplemented, `${NAME}.EchoServerStream is not implemented`],
        );
        return true;
      },
    );
  });
}

// contract: O-enabledServices, F-enabled, D2
test("enabledServices also filters what functions register; factories of other services do not run", () => {
  let made = 0;
  const lazy = defineLazyService(EchoService, () => {
    made += 1;
    return all;
  });
  const services = [
    lazy,
    (router: ConnectRouter) =>
      void router.service(EchoService, {}).rpc(EchoService.method.echo, () => ({ text: "rpc" })),
  ];
  for (const enabled of [[], ["another.Service"], ["EchoService"]]) {
    const mounted = mount({ services, enabled });
    assert.deepEqual([mounted.routes, mounted.services, made], [[], [], 0]);
  }
  assert.equal(mount({ services, enabled: [NAME, "another.Service"] }).routes.length, EchoService.methods.length);
  assert.equal(made, 1);
});

test("each function and factory runs once", () => {
  let runs = 0;
  const lazy = defineLazyService(EchoService, () => {
    runs += 1;
    return all;
  });
  const countRun = () => {
    runs += 1;
  };
  mount({ services: [lazy, countRun] });
  assert.equal(runs, 2);
});

// contract: F-record, R2, R3, O-enabledServices, PR5
test("a protocol sees each file registered before it once, whole and unfiltered", () => {
  const seen: string[][] = [];
  const order: string[] = [];
  const note = (name: string, register: (router: ConnectRouter) => void = () => {}) => ({
    name,
    register(router: ConnectRouter, { registry }: ProtocolContext) {
      order.push(name);
      assert.equal(new Set(registry).size, registry.length, "each once");
      seen.push(registry.map((file) => file.name));
      register(router);
    },
  });
  const { services } = mount({
    services: [
      (router) => {
        order.push("first");
        router.service(UnimplementedService, {}).service(UnimplementedService, {});
      },
      (router) => {
        order.push("second");
        router.service(TestService, {});
      },
    ],
    protocols: [note("a", (router) => void router.service(EchoService, {})), note("b")],
    enabled: [UnimplementedService.typeName, "no.Service"],
  });
  assert.deepEqual(order, ["first", "second", "a", "b"]);
  assert.deepEqual(seen, [["grpc/testing/test"], ["grpc/testing/test", "connectum/test/v1/echo"]]);
  assert.ok(UnimplementedService.file.services.includes(TestService), "a service that is not mounted is in the file");
  assert.deepEqual(services, [UnimplementedService, UnimplementedService, EchoService]);
});

// contract: R3
test("files are in order of their first registration", () => {
  const orders: string[][] = [];
  const echo = (router: ConnectRouter) => void router.service(EchoService, {});
  const interop = (router: ConnectRouter) => void router.service(TestService, {});
  const look = { name: "look", register: (_: ConnectRouter, context: ProtocolContext) => note(context) };
  const note = ({ registry }: ProtocolContext) => void orders.push(registry.map(({ name }) => name));
  mount({ services: [echo, interop, echo], protocols: [look] });
  mount({ services: [interop, echo], protocols: [look] });
  const [one, other] = ["connectum/test/v1/echo", "grpc/testing/test"];
  assert.deepEqual(orders, [
    [one, other],
    [other, one],
  ]);
});

test("the router has handlers like connect's, for adapters", () => {
  let paths: string[] = [];
  mount({
    services: [
      (router) => {
        router.service(EchoService, { echo: () => ({}) });
        paths = router.handlers.map(({ requestPath }) => requestPath);
      },
    ],
  });
  assert.ok(paths.includes(`/${NAME}/Echo`), `${paths}`);
});

// contract: D1
test("routes have the fields that Rust needs", () => {
  const { routes } = mount({
    services: [(router) => router.service(EchoService, {}, { readMaxBytes: 7, maxTimeoutMs: 8 })],
    options: { compressMinBytes: 9, readMaxBytes: 1 },
  });
  const { path, requestStream, responseStream, ...rest } = routeOf(routes, "EchoGet").toNative();
  assert.deepEqual([path, requestStream, responseStream], [`/${NAME}/EchoGet`, false, false]);
  assert.deepEqual(rest, {
    sideEffectFree: true,
    readMaxBytes: 7,
    compressMinBytes: 9,
    acceptCompression: ["gzip", "br", "zstd"],
    maxTimeoutMs: 8,
    requireConnectProtocolHeader: false,
    builtIn: null,
  });
  assert.equal(
    routeOf(mount({ services: [(router) => router.service(EchoService, {})] }).routes, "Echo").toNative().maxTimeoutMs,
    null,
  );
  const kinds = routes
    .map((route) => route.toNative())
    .map((method) => [method.requestStream, method.responseStream, method.sideEffectFree]);
  assert.deepEqual(kinds, [
    [false, false, false],
    [false, false, true],
    [false, true, false],
    [true, false, false],
    [true, true, false],
  ]);
});

test("the methods of one registration share their options, which are resolved once", () => {
  const { options, routes } = mount({
    services: [(router) => router.service(EchoService, {}, { writeMaxBytes: 3 })],
    options: { readMaxBytes: 1 },
  });
  const [first] = routes;
  assert.equal(options.readMaxBytes, 1);
  assert.deepEqual(first?.options, { ...options, writeMaxBytes: 3 });
  for (const route of routes) assert.equal(route.options, first?.options);
});

test("invalid options are rejected, the server's even without a service", () => {
  assert.throws(() => mount({ services: [], options: { readMaxBytes: -1 } }), {
    message: /^createServer: readMaxBytes/,
  });
  assert.throws(() => mount({ services: [(router) => router.service(EchoService, {}, { writeMaxBytes: 0 })] }), {
    message: new RegExp(`^${NAME}: writeMaxBytes`),
  });
});
