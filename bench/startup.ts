// The time from `node server.js` to the first completed call.
import assert from "node:assert/strict";
import { cpuSecondsOf, rssMibOf } from "./accounting.ts";
import type { ServerName } from "./case.ts";
import grpcUnary from "./cases/grpc-unary.ts";
import { overHttp2 } from "./exchange.ts";
import type { Sample } from "./measure.ts";
import { atMost, type Comparison } from "./results.ts";
import { startServer } from "./servers.ts";
import { bodyOf, headersOf, pathOf } from "./wire.ts";

export const startup: Comparison & {
  readonly title: string;
  readonly unit: string;
  readonly servers: readonly ServerName[];
} = {
  name: "startup",
  title: "Start, from `node server.js` to the first answered call",
  unit: "ms to the first answer",
  servers: ["connectum", "connect-node", "grpc-js", "limit"],
  figureOf: ({ p50Us }) => p50Us / 1e3,
  targetOf: (server, ratio) => (server === "connect-node" ? atMost("ours / connect-node", 1 / ratio, 1) : null),
};

/** Starts a server and calls it once. The sample has the figures of that call, including the wait for the server. */
export async function measureStartup(name: ServerName): Promise<Sample> {
  const exchange = { path: pathOf(grpcUnary), headers: headersOf(grpcUnary), body: bodyOf(grpcUnary) };
  const before = performance.now();
  const server = await startServer(name);
  try {
    const { fields } = await overHttp2({ url: server.url, ...exchange });
    const microseconds = (performance.now() - before) * 1e3;
    assert.equal(fields["grpc-status"], "0");
    return {
      cpuUsPerCall: cpuSecondsOf(server.pid) * 1e6,
      callsPerSecond: 1e6 / microseconds,
      p50Us: microseconds,
      p99Us: microseconds,
      rssMib: rssMibOf(server.pid),
    };
  } finally {
    await server.kill();
  }
}
