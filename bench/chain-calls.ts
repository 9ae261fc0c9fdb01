// Calls through chains of interceptors in JavaScript alone: there are no sockets, no Rust and no output. The packages
// are the compiled ones, since tsx's code is slower.
import process from "node:process";
import { create, toBinary } from "@bufbuild/protobuf";
import type { Interceptor } from "@connectrpc/connect";
import { InboundCallHead } from "../packages/core/src/boundary/call-head.ts";
import type { CallPort } from "../packages/core/src/boundary/call-port.ts";
import { PROTOCOL_GRPC, PROTOCOL_SHIFT } from "../packages/core/src/boundary/native.ts";
import { Call } from "../packages/core/src/calls/call.ts";
import { serveIntercepted } from "../packages/core/src/calls/serve-intercepted.ts";
import { serveUnary } from "../packages/core/src/calls/serve-unary.ts";
import type { Route } from "../packages/core/src/services/route.ts";
import { mount } from "../packages/core/src/services/router.ts";
import { BenchService } from "../proto/gen/connectum/bench/v1/bench_pb.ts";
import { small } from "./messages.ts";

/** The number of calls that start in one turn of the event loop. */
const BATCH = 128;

/** How calls come in, and where their responses go. */
export interface ChainTerms {
  readonly port: CallPort;
  /** URL and request headers, as Rust passes them: name and value of each on lines of their own. */
  readonly head: string;
}

const input = BenchService.method.unary.input;
const message = toBinary(input, create(input, { text: small.text }));

/** One chain around the handler, and the CPU µs of a call in each round. */
export interface Chain {
  readonly name: string;
  readonly taken: number[];
}

/**
 * Measures chains in turns, round by round.
 *
 * @param calls of each chain in each round; half as many warm it up
 */
export async function measureChains(
  chains: Readonly<Record<string, Interceptor[]>>,
  terms: ChainTerms,
  rounds: number,
  calls: number,
): Promise<Chain[]> {
  const measured = Object.entries(chains).map(([name, interceptors]) => ({
    ...{ name, taken: [] as number[] },
    route: routeWith(interceptors),
  }));
  for (const { route } of measured) await run(route, terms, calls / 2);
  for (let round = 0; round < rounds; round++) {
    for (const { route, taken } of measured) {
      const before = process.cpuUsage();
      await run(route, terms, calls);
      const { user, system } = process.cpuUsage(before);
      taken.push((user + system) / calls);
    }
  }
  return measured;
}

function routeWith(interceptors: Interceptor[]): Route {
  const mounted = mount({
    services: [(router) => router.service(BenchService, { unary: ({ text }) => ({ text }) })],
    interceptors,
  });
  const route = mounted.routes.find(({ method }) => method === BenchService.method.unary);
  if (route === undefined) throw new Error("there is no route");
  return route;
}

async function run(route: Route, { port, head }: ChainTerms, count: number): Promise<void> {
  const serve = route.interceptors.length > 0 ? serveIntercepted : serveUnary;
  for (let started = 0; started < count; started += BATCH) {
    for (let id = started; id < started + BATCH; id++) {
      const call = new Call(port, id, route, undefined, new InboundCallHead(PROTOCOL_GRPC << PROTOCOL_SHIFT, head));
      call.run(serve, call, message, true);
    }
    await new Promise(setImmediate);
  }
}
