// Envoy, a proxy that checks the health of its upstreams over gRPC or by a path, and turns gRPC-Web and Connect into
// gRPC.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { ServingStatus } from "@connectum/healthcheck";
import { EchoService } from "../../proto/gen/connectum/test/v1/echo_pb.ts";
import { collect, texts } from "../support/echo-calls.ts";
import { eventually } from "../support/eventually.ts";
import { type EnvoyState, startEnvoy } from "./envoy-proxy.ts";
import { ECHO, startJudgedServer } from "./judged-server.ts";

const { SERVING, NOT_SERVING } = ServingStatus;
const timeLimit = { timeout: 60_000 };

/** Envoy's health check, whether it checks only the echo service, and whether over TLS. */
const checks: { what: string; check: Record<string, object>; ofService?: boolean; secure?: boolean }[] = [
  { what: "grpc_health_check", check: { grpc_health_check: {} } },
  { what: "grpc_health_check over TLS", check: { grpc_health_check: {} }, secure: true },
  { what: "grpc_health_check of a service", check: { grpc_health_check: { service_name: ECHO } }, ofService: true },
  { what: "http_health_check of /readyz", check: { http_health_check: { path: "/readyz" } } },
  {
    what: "http_health_check of /readyz over HTTP/2",
    check: { http_health_check: { path: "/readyz", codec_client_type: "HTTP2" } },
  },
  {
    what: "http_health_check of /readyz?service=",
    check: { http_health_check: { path: `/readyz?service=${ECHO}` } },
    ofService: true,
  },
];

for (const { what, check, ofService = false, secure = false } of checks) {
  test(`Envoy, ${what}: calls are forwarded while the server is serving, and only then`, timeLimit, async (t) => {
    const { manager, becomes } = await start(t, check, secure);
    await becomes("healthy");
    manager.update(NOT_SERVING, ECHO);
    await becomes("unhealthy");
    manager.update(SERVING, ECHO);
    await becomes("healthy");
  });

  test(`Envoy, ${what}: a component ${ofService ? "has no effect" : "counts"}`, timeLimit, async (t) => {
    const { manager, envoy, becomes } = await start(t, check, secure);
    await becomes("healthy");
    manager.set("database", NOT_SERVING);
    if (!ofService) return await becomes("unhealthy");
    const before = await envoy.successes();
    // The first of these checks may have been in progress already.
    await eventually(async () => (await envoy.successes()) >= before + 2, "it asks again");
    assert.equal(await envoy.state(), "healthy");
  });

  test(`Envoy, ${what}: a server that stops is unhealthy`, timeLimit, async (t) => {
    const { server, becomes } = await start(t, check, secure);
    await becomes("healthy");
    await server.stop();
    await becomes("unhealthy");
  });
}

for (const [protocol, createTransport] of [
  ["gRPC", createGrpcTransport],
  ["gRPC-Web", createGrpcWebTransport],
  ["Connect", createConnectTransport],
] as const) {
  test(`Envoy passes on ${protocol}, as gRPC: all four kinds`, timeLimit, async (t) => {
    const { envoy, seen, becomes } = await start(t);
    await becomes("healthy");
    seen.contentTypes.length = 0;
    const client = createClient(EchoService, createTransport({ baseUrl: envoy.url, httpVersion: "2" }));
    assert.equal((await client.echo({ text: "grüße, €" })).text, "grüße, €");
    assert.deepEqual(await collect(client.echoServerStream({ text: "a", count: 2 })), [
      ["a", 0],
      ["a", 1],
    ]);
    assert.equal((await client.echoClientStream(texts("a", "b"))).text, "a,b");
    assert.deepEqual(await collect(client.echoBidiStream(texts("a", "b"))), [
      ["a", 0],
      ["b", 1],
    ]);
    assert.deepEqual(
      seen.contentTypes.map((type) => type?.split("+")[0]),
      Array(4).fill("application/grpc"),
    );
  });
}

async function start(t: TestContext, check: Record<string, object> = { grpc_health_check: {} }, secure = false) {
  const judged = await startJudgedServer(t, { secure });
  const envoy = await startEnvoy(t, { url: judged.url, check });
  const client = createClient(EchoService, createGrpcTransport({ baseUrl: envoy.url }));

  /** The outcome of a call. */
  const found = async (): Promise<EnvoyState> => {
    try {
      await client.echo({});
      return "healthy";
    } catch (error) {
      assert.ok(error instanceof ConnectError && error.code === Code.Unavailable, String(error));
      return "unhealthy";
    }
  };
  const becomes = async (state: EnvoyState) => {
    await eventually(async () => (await envoy.state()) === state, `it says ${state}`);
    // Its worker threads get the change a moment later.
    await eventually(async () => (await found()) === state, `calls find it ${state}`);
  };
  return { ...judged, envoy, becomes };
}
