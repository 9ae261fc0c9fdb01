// What an interceptor hears of a call that it observes: messages with their sizes, and the end.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { create, toBinary, toJsonString } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient, type Interceptor } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { type CreateServerOptions, createLocalTransport } from "@connectum/core";
import { type CallObserver, observableCallOf, onAbort } from "@connectum/hooks";
import { EchoRequestSchema, EchoResponseSchema, EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";
import { deferred } from "./support/deferred.ts";
import { collect, type EchoImpl, echoAll, texts } from "./support/echo-calls.ts";
import { eventually } from "./support/eventually.ts";
import { serveEcho } from "./support/serve-echo.ts";
import { protocolClients } from "./support/transports.ts";

/** Writes down what it hears. */
class Notes implements CallObserver {
  readonly all: unknown[][] = [];
  readonly errors: unknown[] = [];

  onRequest(message: unknown, bytes: number | undefined): void {
    this.all.push(["request", Reflect.get(message as object, "text"), bytes]);
  }

  onResponse(message: unknown, bytes: number | undefined): void {
    this.all.push(["response", Reflect.get(message as object, "text"), bytes]);
  }

  onSuccess(): void {
    this.all.push(["success"]);
  }

  onFailure(error: unknown): void {
    this.errors.push(error);
    this.all.push(["failure", error instanceof ConnectError ? Code[error.code] : "no code"]);
  }

  get hasEnd(): boolean {
    return ["success", "failure"].includes(this.all.at(-1)?.[0] as string);
  }
}

const observing =
  (observer: CallObserver): Interceptor =>
  (next) =>
  (request) => {
    assert.equal(observableCallOf(request)?.observe(observer), true);
    return next(request);
  };

/** A server with an interceptor that observes, and what it hears. */
async function serveObserved(t: TestContext, impl: EchoImpl, options: Partial<CreateServerOptions> = {}) {
  const notes = new Notes();
  const { interceptors = [], ...others } = options;
  const served = await serveEcho(t, impl, { ...others, interceptors: [...interceptors, observing(notes)] });
  const client = createClient(EchoService, createConnectTransport({ baseUrl: served.url, httpVersion: "1.1" }));
  return { ...served, notes, client };
}

const requestBytes = (text: string) => toBinary(EchoRequestSchema, create(EchoRequestSchema, { text })).length;
const responseBytes = (text: string, index = 0) =>
  toBinary(EchoResponseSchema, create(EchoResponseSchema, { text, index })).length;

for (const { name, transport } of protocolClients) {
  test(`${name}: the messages of a stream are told with their sizes, then its end`, { timeout: 20_000 }, async (t) => {
    const { notes, url } = await serveObserved(t, echoAll);
    const client = createClient(EchoService, transport(url, {}));
    await collect(client.echoBidiStream(texts("a", "longer")));
    await eventually(() => notes.hasEnd, "the call has ended");
    const told = notes.all.map((note) => note.join(" "));
    assert.deepEqual(
      told.filter((note) => note.startsWith("request")).join(),
      [`request a ${requestBytes("a")}`, `request longer ${requestBytes("longer")}`].join(),
    );
    assert.deepEqual(
      told.filter((note) => !note.startsWith("request")),
      [`response a ${responseBytes("a")}`, `response longer ${responseBytes("longer", 1)}`, "success"],
    );
  });
}

test("a unary request has been read before: its size is a property of the call", { timeout: 20_000 }, async (t) => {
  const sizes: unknown[] = [];
  const measuring: Interceptor = (next) => (request) => {
    sizes.push(observableCallOf(request)?.requestBytes);
    return next(request);
  };
  const { client, notes, server } = await serveObserved(t, echoAll, { interceptors: [measuring] });
  await client.echo({ text: "a" });
  assert.deepEqual(notes.all, [["response", "a", responseBytes("a")], ["success"]]);
  await createClient(EchoService, createLocalTransport(server)).echo({ text: "a" });
  assert.deepEqual(notes.all.slice(2), [["response", "a", undefined], ["success"]], "in process nothing is serialized");
  assert.deepEqual(sizes, [requestBytes("a"), undefined]);
});

test("sizes are those of what is read and written, without compression: JSON, and messages of any size", {
  timeout: 20_000,
}, async (t) => {
  const { notes, url } = await serveObserved(t, echoAll);
  const json = createConnectTransport({ baseUrl: url, httpVersion: "1.1", useBinaryFormat: false });
  await createClient(EchoService, json).echo({ text: "é" });
  const sent = toJsonString(EchoResponseSchema, create(EchoResponseSchema, { text: "é" }));
  assert.equal(notes.all[0]?.[2], Buffer.byteLength(sent));
  // Each takes another way to Rust.
  for (const length of [10, 20_000, 200_000, 3_000_000]) {
    notes.all.length = 0;
    const text = "x".repeat(length);
    await createClient(EchoService, createConnectTransport({ baseUrl: url, httpVersion: "1.1" })).echo({ text });
    assert.equal(notes.all[0]?.[2], responseBytes(text), `${length}`);
  }
});

test("copies and proxies of a request have the call, too", { timeout: 20_000 }, async (t) => {
  for (const copy of [
    (request: object) => ({ ...request }),
    (request: object) => Object.create(request),
    (request: object) => new Proxy(request, {}),
  ]) {
    const copying: Interceptor = (next) => (request) => next(copy(request));
    const { client, notes } = await serveObserved(t, echoAll, { interceptors: [copying, copying] });
    await client.echo({ text: "a" });
    assert.deepEqual(notes.all.at(-1), ["success"]);
  }
});

const silent = { debug() {}, info() {}, warn() {}, error() {} };

for (const [what, impl, text, expected] of [
  ["its error", { echo: () => Promise.reject(new ConnectError("no", Code.NotFound)) }, "[not_found] no", "NotFound"],
  ["whatever was thrown", { echo: () => Promise.reject(new TypeError("a bug")) }, "a bug", "no code"],
  [
    "internal if the response cannot be serialized",
    { echo: () => ({ index: "one" as never }) },
    /^\[internal\] the response cannot be sent: .*int32.*/,
    "Internal",
  ],
  [
    "internal if the response is no message",
    { echo: () => 1 as never },
    /^the handler gave a number instead of a connectum.test.v1.EchoResponse$/,
    "no code",
  ],
] as [string, EchoImpl, string | RegExp, string][]) {
  test(`a call that fails tells ${what}`, { timeout: 20_000 }, async (t) => {
    const { client, notes } = await serveObserved(t, impl, { logger: silent });
    await assert.rejects(client.echo({}));
    assert.deepEqual(notes.all, [["failure", expected]]);
    const { message } = notes.errors[0] as Error;
    if (typeof text === "string") assert.equal(message, text);
    else assert.match(message, text);
  });
}

test("a stream whose message cannot be serialized fails with internal, after those that could be", {
  timeout: 20_000,
}, async (t) => {
  async function* echoServerStream() {
    yield { text: "a" };
    yield { index: "one" as never };
  }
  const { client, notes } = await serveObserved(t, { echoServerStream }, { logger: silent });
  await assert.rejects(collect(client.echoServerStream({})), { code: Code.Internal });
  assert.deepEqual(
    notes.all.filter(([kind]) => kind !== "request"),
    [
      ["response", "a", responseBytes("a")],
      ["failure", "Internal"],
    ],
  );
});

test("a response that is larger than writeMaxBytes tells resource_exhausted", { timeout: 20_000 }, async (t) => {
  const { client, notes } = await serveObserved(t, echoAll, { writeMaxBytes: 10 });
  await assert.rejects(client.echo({ text: "x".repeat(20) }), { code: Code.ResourceExhausted });
  assert.deepEqual(notes.all, [["failure", "ResourceExhausted"]]);
});

test("the failure of an interceptor in front of it is told, and what it makes of the response", {
  timeout: 20_000,
}, async (t) => {
  const refusing: Interceptor = (next) => async (request) => {
    await next(request);
    throw new ConnectError("changed my mind", Code.Aborted);
  };
  const refused = await serveObserved(t, echoAll, { interceptors: [refusing] });
  await assert.rejects(refused.client.echo({ text: "a" }), { code: Code.Aborted });
  assert.deepEqual(refused.notes.all, [["failure", "Aborted"]]);
  const replacing: Interceptor = (next) => async (request) => ({
    ...((await next(request)) as Extract<Awaited<ReturnType<typeof next>>, { stream: false }>),
    message: create(EchoResponseSchema, { text: "another" }),
  });
  const replaced = await serveObserved(t, echoAll, { interceptors: [replacing] });
  await replaced.client.echo({ text: "a" });
  assert.deepEqual(replaced.notes.all, [["response", "another", responseBytes("another")], ["success"]]);
});

test("a client that goes away, and a deadline, are told when the call ends, whatever its handler does", {
  timeout: 20_000,
}, async (t) => {
  const release = deferred();
  t.after(() => release.resolve());
  const echo = async () => {
    await release.promise;
    return {};
  };
  for (const isLocal of [false, true]) {
    const { notes, client: remote, server } = await serveObserved(t, { echo });
    const client = isLocal ? createClient(EchoService, createLocalTransport(server)) : remote;
    const controller = new AbortController();
    const call = client.echo({}, { signal: controller.signal });
    setTimeout(() => controller.abort(), 50);
    await assert.rejects(call);
    await eventually(() => notes.hasEnd, "the call has ended");
    assert.deepEqual(notes.all, [["failure", "Canceled"]]);
    notes.all.length = 0;
    await assert.rejects(client.echo({}, { timeoutMs: 50 }), { code: Code.DeadlineExceeded });
    await eventually(() => notes.hasEnd, "the call has ended");
    // The client cancels at the same time, and may be first.
    assert.match(String(notes.all), /^failure,(DeadlineExceeded|Canceled)$/);
  }
});

test("a call that is over tells nothing, and says so", { timeout: 20_000 }, async (t) => {
  const [entered, aborted] = [deferred(), deferred()];
  const observed = deferred<boolean | undefined>();
  const late: Interceptor = (next) => async (request) => {
    onAbort(request, () => aborted.resolve());
    entered.resolve();
    await aborted.promise;
    observed.resolve(observableCallOf(request)?.observe(new Notes()));
    return next(request);
  };
  const { url } = await serveEcho(t, echoAll, { interceptors: [late] });
  const client = createClient(EchoService, createConnectTransport({ baseUrl: url, httpVersion: "1.1" }));
  const controller = new AbortController();
  const call = client.echo({}, { signal: controller.signal });
  call.catch(() => {});
  await entered.promise;
  controller.abort();
  await assert.rejects(call);
  assert.equal(await observed.promise, false);
});

test("several may observe a call; what one throws is logged, and disturbs nobody", { timeout: 20_000 }, async (t) => {
  const lines: unknown[][] = [];
  const fail = () => {
    throw new Error("a bug of the observer");
  };
  const broken: CallObserver = { onRequest: fail, onResponse: fail, onSuccess: fail, onFailure: fail };
  const { client, notes } = await serveObserved(t, echoAll, {
    interceptors: [observing(broken)],
    logger: { ...silent, error: (...line: unknown[]) => lines.push(line) },
  });
  assert.equal((await client.echo({ text: "a" })).text, "a");
  assert.deepEqual(notes.all, [["response", "a", responseBytes("a")], ["success"]]);
  assert.equal(lines.length, 2);
  const text = "an observer of rpc Echo of connectum.test.v1.EchoService failed";
  for (const line of lines) assert.deepEqual([line[0], String(line[1])], [text, "Error: a bug of the observer"]);
  await collect(client.echoServerStream({ text: "b" }));
  assert.deepEqual(notes.all.at(-1), ["success"]);
});
