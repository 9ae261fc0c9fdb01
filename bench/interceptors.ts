// The cost that interceptors add to a small call: one server, with each set of them in turn.

import grpcUnary from "./cases/grpc-unary.ts";
import type { Durations } from "./measure.ts";
import { measure, type Sample } from "./measure.ts";
import type { InterceptorSet } from "./peers/interceptors.ts";
import { atMost, type Result } from "./results.ts";
import { ServerPool } from "./server-pool.ts";
import { median, spreadOf } from "./statistics.ts";

export const interceptors = {
  name: "interceptors",
  title: "gRPC unary, 52 bytes, with interceptors of `@connectum/interceptors`",
  unit: "CPU µs added to a call",
};

/** The sets, and the CPU µs that each may add at most. */
const sets: Readonly<Partial<Record<InterceptorSet, number | null>>> = {
  "passing-1": 1,
  "method-filter-elsewhere": 1,
  default: 5,
  "error-handler": null,
  "method-filter": null,
  timeout: null,
  bulkhead: null,
  "circuit-breaker": null,
  retry: null,
  fallback: null,
  logger: null,
  all: null,
};

/** Each round measures a server without interceptors, then each set. */
export async function measureInterceptors(rounds: number, durations: Durations): Promise<Result[]> {
  const pool = new ServerPool(false);
  const take = (variant: InterceptorSet | "plain") => measure(pool, "connectum", { ...grpcUnary, variant }, durations);
  const names = Object.keys(sets) as InterceptorSet[];
  const plain: Sample[] = [];
  const samples = new Map<InterceptorSet, Sample[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    plain.push(await take("plain"));
    for (const [name, taken] of samples) taken.push(await take(name));
  }
  return [resultOf("connectum", plain, plain), ...names.map((name) => resultOf(name, samples.get(name) ?? [], plain))];
}

function resultOf(server: InterceptorSet | "connectum", taken: readonly Sample[], plain: readonly Sample[]): Result {
  const added = taken.map(({ cpuUsPerCall }, round) => cpuUsPerCall - (plain[round]?.cpuUsPerCall ?? Number.NaN));
  const limit = server === "connectum" ? null : sets[server];
  const of = (figure: (sample: Sample) => number) => median(taken.map(figure));
  return {
    case: interceptors.name,
    server,
    cpu_us_per_call: of(({ cpuUsPerCall }) => cpuUsPerCall),
    calls_per_s: of(({ callsPerSecond }) => callsPerSecond),
    p50_us: of(({ p50Us }) => p50Us),
    p99_us: of(({ p99Us }) => p99Us),
    rss_mib: of(({ rssMib }) => rssMib),
    figure: spreadOf(added),
    ratio: null,
    target: limit == null ? null : atMost(`${server} adds µs`, median(added), limit),
  };
}
