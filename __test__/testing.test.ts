// What @connectum/testing does with other packages, with certificates, and with processes of its own.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Client, Code, createClient } from "@connectrpc/connect";
import { defineService } from "@connectum/core";
import { createOtelClientInterceptor, createOtelInterceptor } from "@connectum/otel";
import {
  assertConnectError,
  createTestServer,
  InMemoryMetricCollector,
  InMemorySpanCollector,
  withTestServer,
} from "@connectum/testing";
import { runTransportParity } from "@connectum/testing/parity";
import { EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";
import { certificate, identity } from "./support/certificates.ts";

const echo = defineService(EchoService, {
  echo: ({ text }, { peer }) => ({ text: `${text} ${peer.tls?.certificate?.subject ?? "nobody"}` }),
  echoGet: () => Promise.reject(new Error("a secret")),
  async *echoServerStream({ text, count }) {
    for (let index = 0; index < count; index += 1) yield { text, index };
  },
  echoClientStream: async () => ({}),
  async *echoBidiStream() {},
});
const services = [echo];

/** Runs a program at the root of the repository. */
const run = (...args: string[]) =>
  promisify(execFile)(process.execPath, args, {
    cwd: fileURLToPath(new URL("..", import.meta.url)),
    // Otherwise a test runner in it would report to this one.
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
    timeout: 30_000,
  });

for (const [protocol, httpVersion] of [
  ["grpc", "2"],
  ["connect", "2"],
  ["connect", "1.1"],
  ["grpc-web", "1.1"],
] as const) {
  // contract: TS-tls
  test(`TLS: ${protocol} over HTTP/${httpVersion}, with and without verification, and with a client certificate`, async () => {
    const options = { services, protocol, httpVersion, tls: identity("server") };
    const ca = certificate("ca.crt");
    await withTestServer(options, async ({ baseUrl, transport }) => {
      assert.match(baseUrl, /^https:\/\/localhost:\d+$/);
      assert.equal((await createClient(EchoService, transport).echo({ text: "a" })).text, "a nobody");
    });
    await withTestServer({ ...options, clientTls: { ca } }, async ({ transport }) => {
      assert.equal((await createClient(EchoService, transport).echo({ text: "a" })).text, "a nobody");
    });
    await withTestServer({ ...options, clientTls: { ca: certificate("stranger.crt") } }, async ({ transport }) => {
      const error = await createClient(EchoService, transport)
        .echo({})
        .catch((thrown: unknown) => thrown);
      assertConnectError(error, Code.Internal, "certificate");
    });
    const mutual = { ...options, tls: { ...identity("server"), ca }, clientTls: { ca, ...identity("client") } };
    await withTestServer(mutual, async ({ transport }) => {
      assert.match((await createClient(EchoService, transport).echo({ text: "a" })).text, /^a CN=/);
    });
  });
}

// contract: COL-otel
test("collectors are options of the interceptors of @connectum/otel, on both sides", async () => {
  const spans = new InMemorySpanCollector();
  const metrics = new InMemoryMetricCollector();
  const options = { ...spans.options, ...metrics.options };
  const interceptors = [createOtelInterceptor({ ...options, trustRemote: true })];
  const clientInterceptors = [createOtelClientInterceptor(options)];
  await withTestServer({ services, interceptors, clientInterceptors }, async ({ transport }) => {
    await createClient(EchoService, transport).echo({ text: "a" });
  });
  assert.deepEqual(
    spans.flush().map(({ name, kind }) => [name, kind]),
    [
      ["connectum.test.v1.EchoService/Echo", 1],
      ["connectum.test.v1.EchoService/Echo", 2],
    ],
  );
  assert.deepEqual(
    (await metrics.flush()).map(({ name }) => name),
    ["client", "server"].flatMap((side) =>
      ["call.duration", "request.size", "response.size"].map((what) => `rpc.${side}.${what}`),
    ),
  );
  await Promise.all([spans.dispose(), metrics.dispose()]);
});

const calls: [what: string, call: (client: Client<typeof EchoService>) => Promise<unknown>][] = [
  ["a unary call", (client) => client.echo({ text: "a" })],
  ["a call that fails", (client) => assert.rejects(client.echoGet({}), { code: Code.Internal })],
  [
    "a stream",
    async (client) => {
      const indexes: number[] = [];
      for await (const { index } of client.echoServerStream({ text: "a", count: 2 })) indexes.push(index);
      return indexes;
    },
  ],
];

for (const [what, call] of calls) {
  // contract: PT-5, PT-13
  test(`spans and metrics of @connectum/otel are the same over HTTP and in process: ${what}`, async () => {
    let count = 0;
    await runTransportParity({
      services,
      interceptors: ({ spans, metrics }) => [createOtelInterceptor({ ...spans.options, ...metrics.options })],
      clientInterceptors: ({ spans, metrics }) => [
        createOtelClientInterceptor({ ...spans.options, ...metrics.options }),
      ],
      async scenario({ transport, spans, metrics }) {
        const response = await call(createClient(EchoService, transport));
        const result = { response, spans: spans.flush(), metrics: await metrics.flush() };
        count += result.spans.length;
        return result;
      },
    });
    assert.equal(count, 4, "a span of each side, twice");
  });
}

// contract: MC-10
test("a mock context keeps no process alive", { timeout: 30_000 }, async () => {
  const script = `
    const { createMockContext, createMockDescMethod, createFakeService } = await import("@connectum/testing");
    const method = { ...createMockDescMethod("A"), parent: createFakeService() };
    console.log(createMockContext({ method, timeoutMs: 2 ** 30 }).signal.aborted);
  `;
  const begun = performance.now();
  const { stdout } = await run("--input-type=module", "--eval", script);
  assert.equal(stdout.trim(), "false");
  assert.ok(performance.now() - begun < 20_000);
});

// contract: TS-1
test("a server that is closed keeps no process alive, whatever its transport did", { timeout: 30_000 }, async () => {
  const script = `
    const { createTestServer } = await import("@connectum/testing");
    for (const protocol of ["grpc", "connect"]) {
      for (const httpVersion of protocol === "grpc" ? ["2"] : ["2", "1.1"]) {
        const server = await createTestServer({ services: [], protocol, httpVersion });
        const method = { kind: "rpc", methodKind: "unary", name: "A", parent: { typeName: "a.B" } };
        await server.transport.unary(method, undefined, undefined, undefined, {}).catch(() => {});
        await server.close();
      }
    }
    console.log(process.listenerCount("SIGTERM"), "closed");
  `;
  const { stdout } = await run("--input-type=module", "--eval", script);
  assert.equal(stdout.trim(), "0 closed");
});

// contract: PT-1
test("transportParityTest() registers one test of node:test", { timeout: 30_000 }, async () => {
  const script = `
    const { transportParityTest } = await import("@connectum/testing/parity");
    transportParityTest("equal", { services: [], scenario: async () => ({ response: 1 }) });
    let response = 0;
    transportParityTest("different", { services: [], scenario: async () => ({ response: response++ }) });
    console.log("# registered", response);
  `;
  const args = ["--test-reporter=tap", "--input-type=module", "--eval", script];
  const { stdout } = await run(...args).catch((failed: { stdout: string }) => failed);
  assert.match(stdout, /# registered 0/);
  assert.match(stdout, /^ok \d+ - equal$/m);
  assert.match(stdout, /^not ok \d+ - different$/m);
});

test("closing a server twice at the same time does nothing more", async () => {
  const server = await createTestServer({ services });
  assert.equal(server.close(), server.close());
  await server.close();
});

// contract: TS-close
test("where Symbol.asyncDispose does not exist, the symbol is that of compilers", { timeout: 30_000 }, async () => {
  const script = `
    const { Symbol: whole } = globalThis;
    const get = (_, name) => (name === "asyncDispose" ? undefined : whole[name]);
    globalThis.Symbol = new Proxy(function () {}, { get, apply: (_, self, args) => whole(...args) });
    const { createTestServer } = await import("@connectum/testing");
    const server = await createTestServer({ services: [] });
    await server[whole.for("Symbol.asyncDispose")]();
    console.log(server.server.state);
  `;
  const { stdout } = await run("--input-type=module", "--eval", script);
  assert.equal(stdout.trim(), "stopped");
});
