// The results of a case: medians over its rounds, ratios to ours, and whether targets are met.
import { type Case, messagesPerCall, type ServerName } from "./case.ts";
import type { Sample } from "./measure.ts";
import type { InterceptorSet } from "./peers/interceptors.ts";
import { median, type Spread, spreadOf } from "./statistics.ts";

/** A row of the file that `--json` writes. */
export interface Row {
  readonly case: string;
  /** A server, the codec, or the interceptors of our server. */
  readonly server: ServerName | "codec" | "by hand" | InterceptorSet;
  readonly cpu_us_per_call: number;
  readonly calls_per_s: number | null;
  readonly p50_us: number | null;
  readonly p99_us: number | null;
  readonly rss_mib: number | null;
}

/** A row, with the figures that only the table shows. */
export interface Result extends Row {
  /** The compared figure: CPU µs per call, unless the case measures something else. */
  readonly figure: Spread;
  /** This server's figure divided by ours, in the same round. Null for ours. */
  readonly ratio: Spread | null;
  readonly target: Target | null;
}

/** The maximum of our CPU time, as a multiple of what it was in the other checkout. */
const TOLERATED_BEFORE = 1.05;

/** An expectation, and whether it is met. */
export interface Target {
  /** `connect-node / ours ≥ 25` */
  readonly text: string;
  readonly value: number;
  readonly met: boolean;
}

/** The comparison of servers in a case. */
export interface Comparison {
  readonly name: string;
  readonly figureOf: (sample: Sample) => number;
  /** @param ratio the server's figure against ours */
  readonly targetOf: (server: ServerName, ratio: number) => Target | null;
}

/** @param samples by server, ours included; each has one sample per round */
export function resultsOf(comparison: Comparison, samples: ReadonlyMap<ServerName, readonly Sample[]>): Result[] {
  const { name, figureOf, targetOf } = comparison;
  const ours = (samples.get("connectum") ?? []).map(figureOf);
  return [...samples].map(([server, taken]) => {
    // Per round, since other load on the machine affected both.
    const ratios = taken.map((sample, round) => figureOf(sample) / (ours[round] ?? Number.NaN));
    const ratio = server === "connectum" ? null : spreadOf(ratios);
    return {
      case: name,
      server,
      cpu_us_per_call: median(taken.map(({ cpuUsPerCall }) => cpuUsPerCall)),
      calls_per_s: median(taken.map(({ callsPerSecond }) => callsPerSecond)),
      p50_us: median(taken.map(({ p50Us }) => p50Us)),
      p99_us: median(taken.map(({ p99Us }) => p99Us)),
      rss_mib: median(taken.map(({ rssMib }) => rssMib)),
      figure: spreadOf(taken.map(figureOf)),
      ratio,
      target: ratio && targetOf(server, ratio.median),
    };
  });
}

/** Compares servers by the CPU time of a call. */
export function byCpuTime({ name, targets = {} }: Case): Comparison {
  return {
    name,
    figureOf: ({ cpuUsPerCall }) => cpuUsPerCall,
    targetOf(server, ratio) {
      if (server === "before") return atMost("ours / before", 1 / ratio, TOLERATED_BEFORE);
      const expected = server === "connectum" ? undefined : targets[server];
      if (expected === undefined) return null;
      if (server === "limit") return atMost("ours / limit", 1 / ratio, expected);
      return atLeast(`${server} / ours`, ratio, expected);
    },
  };
}

/**
 * The codec as a row of its own, which has only one figure.
 * @param codec CPU µs for the messages of a call
 * @param ours CPU µs per call
 */
export function codecResult(subject: Case, codec: number, ours: number): Result {
  const beside = (ours - codec) / messagesPerCall(subject);
  const { overCodec } = subject.targets ?? {};
  return {
    case: subject.name,
    server: "codec",
    cpu_us_per_call: codec,
    calls_per_s: null,
    p50_us: null,
    p99_us: null,
    rss_mib: null,
    figure: spreadOf([codec]),
    ratio: spreadOf([codec / ours]),
    target: overCodec === undefined ? null : atMost("(ours − codec) a message, µs", beside, overCodec),
  };
}

export function atLeast(what: string, value: number, expected: number): Target {
  return { text: `${what} ≥ ${expected}`, value, met: value >= expected };
}

export function atMost(what: string, value: number, expected: number): Target {
  return { text: `${what} ≤ ${expected}`, value, met: value <= expected };
}

/** A result without the figures that only the table shows, with four significant digits. */
export function rowOf({ figure: _figure, ratio: _ratio, target: _target, ...row }: Result): Row {
  const rounded = Object.entries(row).map(([name, value]) => [name, typeof value === "number" ? round(value) : value]);
  return Object.fromEntries(rounded);
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
