// What a server with telemetry exports, as a collector on loopback gets it.
import assert from "node:assert/strict";
import { Code, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { type Collector, grpcCollector, httpCollector } from "../../__test__/support/collector.ts";
import { EchoService } from "../../proto/gen/connectum/test/v1/echo_pb.ts";
import { type Place, type Running, withProgram } from "../check.ts";

/** What each signal has to have, in any encoding. */
const SIGNALS: Readonly<Record<string, readonly string[]>> = {
  traces: ["connectum.test.v1.EchoService/Echo", "greet", "error.type", "NOT_FOUND"],
  metrics: ["rpc.server.call.duration", "rpc.server.request.size", "rpc.server.response.size"],
  logs: ["echoed", "echo.text"],
};

/** Runs the server by a protocol of OTLP, calls it, stops it, and returns what has been exported of each signal. */
export async function exportedBy(
  place: Place,
  protocol: "grpc" | "http/protobuf" | "http/json",
  args: readonly string[] = [],
): Promise<Collector["exported"]> {
  const cleanups: (() => void)[] = [];
  const after = (cleanup: () => void) => cleanups.push(cleanup);
  const { url, exported } = await (protocol === "grpc" ? grpcCollector : httpCollector)({ after });
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
    // The SDK of an application exports no metrics and logs unless it is told to.
    OTEL_METRICS_EXPORTER: "otlp",
    OTEL_LOGS_EXPORTER: "otlp",
  };
  try {
    await withProgram(place, "telemetry.js", args, callAndStop, env);
  } finally {
    for (const cleanup of cleanups) cleanup();
  }
  for (const [signal, names] of Object.entries(SIGNALS)) {
    const found = exported.filter(({ path }) => path.toLowerCase().includes(signal === "traces" ? "trace" : signal));
    const text = found.map(({ body }) => body.toString("latin1")).join();
    for (const name of names) assert.ok(text.includes(name), `${protocol}: there is no ${name} in ${signal}`);
  }
  const types = { grpc: "grpc", "http/protobuf": "application/x-protobuf", "http/json": "application/json" };
  assert.deepEqual([...new Set(exported.map(({ type }) => type))], [types[protocol]]);
  return exported;
}

async function callAndStop(port: number, { child, ended, output }: Running): Promise<void> {
  const transport = createConnectTransport({ baseUrl: `http://127.0.0.1:${port}`, httpVersion: "1.1" });
  const client = createClient(EchoService, transport);
  assert.equal((await client.echo({ text: "hello" })).text, "hello!");
  await assert.rejects(client.echo({ text: "refuse" }), { code: Code.NotFound });
  child.kill("SIGTERM");
  assert.equal(await ended, 0, output());
  assert.doesNotMatch(output(), /error|warn/i);
}
