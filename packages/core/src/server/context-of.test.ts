// Contexts of handlers that no server calls.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Code,
  ConnectError,
  createContextKey,
  createHandlerContext,
  createRouterTransport,
  type Interceptor,
} from "@connectrpc/connect";
import { type Context, defineCatalog } from "@connectum/core";
import { contextOf } from "@connectum/core/context";
import { EchoService } from "../../../../proto/gen/connectum/test/v1/echo_pb.ts";

const catalog = defineCatalog({ [EchoService.typeName]: EchoService });
const tenant = createContextKey("");

/** `ctx.call` has the types of an application, and this one has none. */
type Call = (method: string, request: object, options?: object) => Promise<{ text: string }>;
const call = (context: Context, request: object, options?: object) =>
  (context.call as unknown as Call)("connectum.test.v1.EchoService/Echo", request, options);

function handlerContext(init: { timeoutMs?: number } = {}) {
  return createHandlerContext({
    service: EchoService,
    method: EchoService.method.echo,
    protocolName: "connect",
    requestMethod: "POST",
    url: "https://test/",
    requestHeader: { "x-tenant": "acme", "x-other": "no" },
    ...init,
  });
}

/** A transport to an echo that tells what it has received. */
const transport = createRouterTransport(({ service }) =>
  service(EchoService, {
    echo: ({ text }, { requestHeader, timeoutMs }) => {
      const limit = timeoutMs();
      return { text: [text, requestHeader.get("x-tenant"), requestHeader.get("x-by"), limit && limit <= 500].join() };
    },
  }),
);
const remoteResolver = () => transport;

test("its calls go to the resolver, and inherit headers and deadline", async () => {
  const context = contextOf(handlerContext({ timeoutMs: 500 }), {
    catalog,
    remoteResolver,
    propagateHeaders: ["x-tenant"],
  });
  assert.deepEqual((await call(context, { text: "a" })).text, "a,acme,,true");
});

test("outgoing interceptors run around its calls, with the values of the context", async () => {
  const by: Interceptor = (next) => (request) => {
    request.header.set("x-by", request.contextValues.get(tenant));
    return next(request);
  };
  const context = contextOf(handlerContext(), { catalog, remoteResolver, outgoingInterceptors: [by] });
  context.values.set(tenant, "globex");
  assert.deepEqual((await call(context, { text: "a" })).text, "a,,globex,");
});

test("an abort of the context cancels its calls", async () => {
  const context = contextOf(handlerContext(), { catalog, remoteResolver });
  context.abort(new ConnectError("gone", Code.Aborted));
  await assert.rejects(call(context, {}), { rawMessage: "gone", code: Code.Aborted });
});

test("it is a plain object with all that the context has, and by default nobody is its peer", () => {
  const given = handlerContext();
  const context = contextOf(given);
  assert.deepEqual(Object.keys(context), [...Object.keys(given), "peer", "call", "stream"]);
  assert.deepEqual([context.signal, context.peer.transport], [given.signal, "unknown"]);
});

test("without a catalog its calls say that there is none", async () => {
  await assert.rejects(call(contextOf(handlerContext()), {}), { code: Code.FailedPrecondition });
});

const wrong: [options: object, message: string][] = [
  [{ catalogue: {} }, 'contextOf: there is no option "catalogue". Did you mean "catalog"?'],
  [{ catalog: { a: 1 } }, 'contextOf: catalog["a"] must be the descriptor of a service, not 1'],
  [{ remoteResolver: 1 }, "contextOf: remoteResolver must be a function, not 1"],
  [{ propagateHeaders: ["a b"] }, 'contextOf: propagateHeaders has "a b", which is no name of a header'],
];
for (const [options, message] of wrong) {
  test(`contextOf rejects ${JSON.stringify(options)}`, () => {
    assert.throws(() => contextOf(handlerContext(), options), { name: "TypeError", message });
  });
}
