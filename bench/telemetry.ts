// The cost that telemetry adds to a small call, here and on connect-node: each server without it, then with it.
import type { ServerName } from "./case.ts";
import grpcUnary from "./cases/grpc-unary.ts";
import { type Durations, measure, type Sample } from "./measure.ts";
import type { Variant } from "./peers/variant.ts";
import { atMost, type Result } from "./results.ts";
import { ServerPool } from "./server-pool.ts";
import { median, spreadOf } from "./statistics.ts";

/** The most that it may add to a call of ours. */
const MOST_US = 16;

export const telemetry = {
  name: "telemetry",
  title: "gRPC unary, 52 bytes, with the interceptor of `@connectum/otel`: a recorded span and three histograms",
  unit: "CPU µs added to a call",
};

/** A row: a server without telemetry, and with it. */
interface Comparison {
  readonly row: "connectum" | "by hand" | "connect-node";
  readonly server: ServerName;
  readonly variant: Variant;
  readonly plain: Sample[];
  readonly recorded: Sample[];
}

export async function measureTelemetry(rounds: number, durations: Durations): Promise<Result[]> {
  const pool = new ServerPool(false);
  const take = (server: ServerName, variant: Variant) => measure(pool, server, { ...grpcUnary, variant }, durations);
  const all: Comparison[] = [
    { row: "connectum", server: "connectum", variant: "telemetry", plain: [], recorded: [] },
    { row: "by hand", server: "connectum", variant: "telemetry-by-hand", plain: [], recorded: [] },
    { row: "connect-node", server: "connect-node", variant: "telemetry", plain: [], recorded: [] },
  ];
  for (let round = 0; round < rounds; round++) {
    for (const { server, variant, plain, recorded } of all) {
      plain.push(await take(server, "plain"));
      recorded.push(await take(server, variant));
    }
  }
  return all.map(resultOf);
}

function resultOf({ row, plain, recorded }: Comparison): Result {
  const added = recorded.map(({ cpuUsPerCall }, round) => cpuUsPerCall - (plain[round]?.cpuUsPerCall ?? Number.NaN));
  const of = (figure: (sample: Sample) => number) => median(recorded.map(figure));
  return {
    case: telemetry.name,
    server: row,
    cpu_us_per_call: of(({ cpuUsPerCall }) => cpuUsPerCall),
    calls_per_s: of(({ callsPerSecond }) => callsPerSecond),
    p50_us: of(({ p50Us }) => p50Us),
    p99_us: of(({ p99Us }) => p99Us),
    rss_mib: of(({ rssMib }) => rssMib),
    figure: spreadOf(added),
    ratio: null,
    target: row === "connectum" ? atMost("added µs", median(added), MOST_US) : null,
  };
}
