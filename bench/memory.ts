// The memory of a server after a million small calls.
import type { ServerName } from "./case.ts";
import grpcUnary from "./cases/grpc-unary.ts";
import { type Durations, measure, type Sample } from "./measure.ts";
import { atMost, type Comparison } from "./results.ts";
import { ServerPool } from "./server-pool.ts";

export const memory: Comparison & {
  readonly title: string;
  readonly unit: string;
  readonly servers: readonly ServerName[];
} = {
  name: "memory",
  title: "Memory after a million gRPC unary calls",
  unit: "RSS MiB",
  servers: ["connectum", "connect-node", "grpc-js", "limit"],
  figureOf: ({ rssMib }) => rssMib,
  targetOf: (server, ratio) => (server === "connect-node" ? atMost("ours / connect-node", 1 / ratio, 1) : null),
};

export function measureMemory(name: ServerName, durations: Durations): Promise<Sample> {
  return measure(new ServerPool(false), name, grpcUnary, durations, 1_000_000);
}
