// node --import tsx bench/telemetry-chain.ts: the CPU time that the interceptor of @connectum/otel costs the JavaScript
// thread, beside the same calls to the SDK by hand in the same run. Spans are dropped when they end, and points are not
// read: exporting costs both the same. With `--traceparent` the caller sends trace context.
import process from "node:process";
import type { Interceptor } from "@connectrpc/connect";
import { createOtelInterceptor, type OtelInterceptorOptions } from "@connectum/otel";
import { propagation } from "@opentelemetry/api";
import { AlwaysOffSampler, BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import type { CallPort } from "../packages/core/src/boundary/call-port.ts";
import { Writer } from "../packages/core/src/codec/writer.ts";
import type { Peer } from "../packages/core/src/options/peer.ts";
import { measureChains } from "./chain-calls.ts";
import { droppingSpans, registerContext, unreadMetrics } from "./peers/telemetry.ts";
import { metricsByHand, spansByHand } from "./peers/telemetry-by-hand.ts";
import { spreadOf } from "./statistics.ts";

const ROUNDS = 7;
const CALLS = 100_000;
/** The most that the interceptor may add to the SDK, in CPU µs. */
const MOST_US = 1.5;
const HEAD = "http://localhost/b\ncontent-type\napplication/grpc\nte\ntrailers";
const TRACE = "\ntraceparent\n00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

registerContext();
const recording = new BasicTracerProvider({ spanProcessors: [droppingSpans] });
const off = new BasicTracerProvider({ spanProcessors: [droppingSpans], sampler: new AlwaysOffSampler() });

const otel = (options: OtelInterceptorOptions): Interceptor[] => [createOtelInterceptor(options)];
const withSpans: Record<string, Interceptor[]> = {
  none: [],
  "spans by hand": [spansByHand(recording.getTracer("bench"))],
  spans: otel({ withoutMetrics: true, tracerProvider: recording }),
  "sampled out by hand": [spansByHand(off.getTracer("bench"))],
  "sampled out": otel({ withoutMetrics: true, tracerProvider: off }),
  everything: otel({ tracerProvider: recording, meterProvider: unreadMetrics() }),
  "metrics, with a propagator": otel({ withoutTracing: true, meterProvider: unreadMetrics() }),
};
/** Without spans there is usually no propagator, and so no trace context to hand on. */
const metricsAlone: Record<string, Interceptor[]> = {
  none: [],
  "metrics by hand": [metricsByHand(unreadMetrics().getMeter("bench"))],
  metrics: otel({ withoutTracing: true, meterProvider: unreadMetrics() }),
};

const peer = Object.freeze({
  transport: "tcp",
  address: "127.0.0.1",
  port: 50_000,
  localAddress: "127.0.0.1",
  localPort: 5_000,
  httpVersion: "2.0",
  ...{ tls: undefined, client: undefined, proxy: undefined },
}) satisfies Peer;
const writer = new Writer(4_096);

/** Serializes responses, as the port to Rust does. */
const port: CallPort = {
  read: () => null,
  write() {},
  finish(_, message) {
    writer.at = 0;
    writer.limit = 4_096;
    message?.encodeInto(writer);
  },
  fail(_, { message }) {
    throw new Error(`a call has failed: ${message}`);
  },
  peer: () => peer,
  report: (...what) => console.error(...what),
};

const head = process.argv.includes("--traceparent") ? `${HEAD}${TRACE}` : HEAD;
const us = (added: readonly number[]) => {
  const { median, least, most } = spreadOf(added);
  return `${median.toFixed(2)} us [${least.toFixed(2)} to ${most.toFixed(2)}]`;
};

/** Prints what each chain costs, and how much more than by hand. */
async function compare(chains: Record<string, Interceptor[]>): Promise<void> {
  const measured = await measureChains(chains, { port, head }, ROUNDS, CALLS);
  const takenBy = (name: string) => measured.find((chain) => chain.name === name)?.taken;
  const [none, ...others] = measured;
  for (const { name, taken } of others) {
    const over = (other: readonly number[] = []) => taken.map((one, round) => one - (other[round] ?? Number.NaN));
    const byHand = takenBy(`${name} by hand`);
    let line = `${name.padEnd(27)} ${us(over(none?.taken))} more than without`;
    if (byHand !== undefined) {
      const isMet = spreadOf(over(byHand)).median <= MOST_US;
      line += `, ${us(over(byHand))} more than by hand, at most ${MOST_US}: ${isMet ? "met" : "missed"}`;
    }
    console.log(line);
  }
}

await compare(withSpans);
propagation.disable();
await compare(metricsAlone);
