// Errors that handlers throw, as clients and the log get them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { create, createRegistry, toBinary } from "@bufbuild/protobuf";
import { type Any, AnySchema, anyUnpack, DurationSchema, StringValueSchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";
import { identity } from "./support/certificates.ts";
import { collect, type EchoClient, type EchoImpl, texts } from "./support/echo-calls.ts";
import { serveEcho } from "./support/serve-echo.ts";
import { fetchClients, nodeClients, protocolClients } from "./support/transports.ts";

const registry = createRegistry(DurationSchema, StringValueSchema);

/** An error like one from another server: its details are bytes. */
function receivedError() {
  const error = new ConnectError("from elsewhere", Code.Aborted);
  error.details.push({
    type: "google.protobuf.StringValue",
    value: toBinary(StringValueSchema, create(StringValueSchema, { value: "incoming" })),
    debug: "incoming",
  });
  return error;
}

const connectErrors: Record<string, { make: () => ConnectError; details: unknown[]; metadata: string | null }> = {
  "without anything else": {
    make: () => new ConnectError("no such thing", Code.NotFound),
    details: [],
    metadata: null,
  },
  "with metadata": {
    make: () => new ConnectError("slow down", Code.ResourceExhausted, { "x-retry": "later" }),
    details: [],
    metadata: "later",
  },
  "with details to be written": {
    make: () =>
      new ConnectError("two reasons", Code.FailedPrecondition, { "x-retry": "never" }, [
        { desc: StringValueSchema, value: { value: "reason" } },
        { desc: DurationSchema, value: { seconds: 3n } },
      ]),
    details: [
      { $typeName: "google.protobuf.StringValue", value: "reason" },
      { $typeName: "google.protobuf.Duration", seconds: 3n, nanos: 0 },
    ],
    metadata: "never",
  },
  "with details from another server": {
    make: receivedError,
    details: [{ $typeName: "google.protobuf.StringValue", value: "incoming" }],
    metadata: null,
  },
  "with a text of any script": {
    make: () => new ConnectError("größer % 100\r\n\t\u0000 👋 \u{10ffff}", Code.OutOfRange),
    details: [],
    metadata: null,
  },
  "with no text": { make: () => new ConnectError("", Code.DataLoss), details: [], metadata: null },
};

/** Handlers that all fail with `make()`, early and late. */
function failing(make: () => unknown): EchoImpl {
  return {
    echo() {
      throw make();
    },
    async echoGet() {
      await Promise.resolve();
      throw make();
    },
    // biome-ignore lint/correctness/useYield: a generator that fails before its first message
    async *echoServerStream() {
      throw make();
    },
    async echoClientStream() {
      throw make();
    },
    async *echoBidiStream() {
      yield { text: "before" };
      throw make();
    },
  };
}

/** Calls every method of a failing service; resolves to their errors, in order. */
async function errorsOf(client: EchoClient, canSendStreams: boolean): Promise<ConnectError[]> {
  const errors: ConnectError[] = [];
  const keep = (error: unknown) => {
    assert.ok(error instanceof ConnectError, String(error));
    errors.push(error);
    return true;
  };
  await assert.rejects(client.echo({}), keep);
  await assert.rejects(client.echoGet({}), keep);
  await assert.rejects(collect(client.echoServerStream({})), keep);
  if (!canSendStreams) return errors;
  await assert.rejects(client.echoClientStream(texts("a")), keep);
  const before: string[] = [];
  await assert.rejects(async () => {
    for await (const { text } of client.echoBidiStream(texts("a"))) before.push(text);
  }, keep);
  assert.deepEqual(before, ["before"], "messages before the error arrive");
  return errors;
}

for (const { name, protocol, httpVersion, transport } of [...nodeClients, ...fetchClients]) {
  for (const [what, { make, details, metadata }] of Object.entries(connectErrors)) {
    // contract: D6
    test(`${name}: a ConnectError ${what} arrives unchanged`, { timeout: 10_000 }, async (t) => {
      const { url, logged } = await serveEcho(t, failing(make));
      const client = createClient(EchoService, transport(url));
      const { code, rawMessage } = make();
      for (const [index, error] of (await errorsOf(client, !name.endsWith("fetch"))).entries()) {
        assert.deepEqual([Code[error.code], error.rawMessage], [Code[code], rawMessage]);
        // HTTP/1.1 sends only trailers declared with the headers, which were sent with the first message.
        const isTooLate = protocol === "grpc" && httpVersion === "1.1" && index === 4;
        assert.equal(error.metadata.get("x-retry"), isTooLate ? null : metadata);
        const unpacked = error.details.map((detail) => {
          assert.ok("value" in detail && "type" in detail);
          const any: Any = create(AnySchema, { typeUrl: `type.googleapis.com/${detail.type}`, value: detail.value });
          return { ...anyUnpack(any, registry) };
        });
        assert.deepEqual(unpacked, details);
      }
      assert.deepEqual(logged, [], "the client got the whole error, so nothing is logged");
    });
  }
}

const plainThrows: Record<string, { thrown: unknown }> = {
  "an Error": { thrown: new Error("secret: password is hunter2") },
  "an Error with a cause": { thrown: new TypeError("outer", { cause: new Error("inner") }) },
  "a string": { thrown: "secret" },
  undefined: { thrown: undefined },
  null: { thrown: null },
  "an object": { thrown: { code: Code.NotFound, message: "looks like an error" } },
  "an AbortError of another operation": { thrown: new DOMException("stop", "AbortError") },
};

for (const { name, transport } of protocolClients) {
  for (const [what, { thrown }] of Object.entries(plainThrows)) {
    // contract: D6, CN-throw-undefined
    test(`${name}: if a handler throws ${what}, the client gets internal, and the log the whole error`, {
      timeout: 10_000,
    }, async (t) => {
      const { url, logged } = await serveEcho(
        t,
        failing(() => thrown),
      );
      const errors = await errorsOf(createClient(EchoService, transport(url)), true);
      for (const error of errors) {
        assert.deepEqual([Code[error.code], error.rawMessage], ["Internal", "internal error"]);
        assert.deepEqual(error.details, []);
      }
      const methods = ["Echo", "EchoGet", "EchoServerStream", "EchoClientStream", "EchoBidiStream"];
      assert.deepEqual(
        logged.map(([message]) => message),
        methods.map((method) => `handler for rpc ${method} of connectum.test.v1.EchoService failed`),
      );
      for (const [, detail] of logged) assert.equal(detail, thrown, "the very thing that was thrown");
    });
  }

  for (const code of [0, 17, 99, -1, 2 ** 32, 2 ** 32 + 5, Number.NaN, 1.5]) {
    // contract: CN-no-code
    test(`${name}: a ConnectError with the invalid code ${code} is sent as unknown`, { timeout: 10_000 }, async (t) => {
      const { url } = await serveEcho(
        t,
        failing(() => new ConnectError("odd", code as Code)),
      );
      for (const error of await errorsOf(createClient(EchoService, transport(url)), true)) {
        assert.deepEqual([Code[error.code], error.rawMessage], ["Unknown", "odd"]);
      }
    });
  }

  // contract: CN-surrogate
  test(`${name}: an error text with half a surrogate pair is still sent`, { timeout: 10_000 }, async (t) => {
    const { url } = await serveEcho(
      t,
      failing(() => new ConnectError(`cut ${"👋".slice(0, 1)} here`, Code.NotFound)),
    );
    for (const error of await errorsOf(createClient(EchoService, transport(url)), true)) {
      assert.equal(Code[error.code], "NotFound");
      assert.match(error.rawMessage, /^cut .+ here$/);
    }
  });
}

// contract: DEC-logger
test("without a logger errors of handlers go to console.error", { timeout: 10_000 }, async (t) => {
  const { mock } = t.mock.method(console, "error", () => {});
  const thrown = new Error("for the operator");
  const implementation = failing(() => thrown);
  const { url } = await serveEcho(t, implementation, { logger: undefined });
  const client = createClient(EchoService, createConnectTransport({ baseUrl: url, httpVersion: "1.1" }));
  await assert.rejects(client.echo({}), { rawMessage: "internal error" });
  assert.deepEqual(
    mock.calls.map(({ arguments: logged }) => logged),
    [["handler for rpc Echo of connectum.test.v1.EchoService failed", thrown]],
  );
});

// contract: DEC-logger
test("without a logger nothing else is printed, whatever clients send", { timeout: 20_000 }, async (t) => {
  const printed: unknown[][] = [];
  for (const method of ["debug", "info", "log", "warn", "error"] as const) {
    t.mock.method(console, method, (...entry: unknown[]) => void printed.push(entry));
  }
  const refuse = failing(() => new ConnectError("told to the client", Code.Aborted));
  for (const tls of [undefined, identity("server")]) {
    const options = { logger: undefined, transportValidation: "off" } as const;
    const { server, port } = await serveEcho(t, refuse, { ...options, ...(tls && { tls }) });
    // Invalid as a TLS handshake; without TLS an error, an invalid message, and an unknown path.
    for (const [path, body] of [
      ["/connectum.test.v1.EchoService/Echo", "{}"],
      ["/connectum.test.v1.EchoService/Echo", "no JSON"],
      ["/nowhere", ""],
    ]) {
      const headers = { "content-type": "application/json", connection: "close" };
      const response = fetch(`http://127.0.0.1:${port}${path}`, { method: "POST", headers, body: body ?? "" });
      if (tls) await assert.rejects(response, { name: "TypeError", message: "fetch failed" });
      else assert.ok([400, 404, 409].includes((await response).status));
    }
    await server.stop();
    assert.deepEqual(printed.splice(0), [[`Server listening 127.0.0.1:${port}`]]);
  }
});

test("a logger that throws does not affect the response", { timeout: 10_000 }, async (t) => {
  const broken = () => {
    throw new Error("the disk is full");
  };
  const implementation = failing(() => new Error("whatever"));
  const { url } = await serveEcho(t, implementation, {
    logger: { debug: broken, info: broken, warn: broken, error: broken },
  });
  for (const { transport } of protocolClients) {
    const errors = await errorsOf(createClient(EchoService, transport(url)), true);
    assert.ok(errors.every(({ code }) => code === Code.Internal));
  }
});
