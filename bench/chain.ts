// node --import tsx bench/chain.ts: the CPU time that interceptors that pass a request on, or spread it, cost the
// JavaScript thread. There are no sockets, no Rust and no output, and the packages are the compiled ones, since tsx's
// code is slower. In `--only interceptors` this cost disappears in the noise of the rest.
import process from "node:process";
import { create, toBinary } from "@bufbuild/protobuf";
import type { Interceptor } from "@connectrpc/connect";
import { InboundCallHead } from "../packages/core/src/boundary/call-head.ts";
import type { CallPort } from "../packages/core/src/boundary/call-port.ts";
import { PROTOCOL_GRPC, PROTOCOL_SHIFT } from "../packages/core/src/boundary/native.ts";
import { Call } from "../packages/core/src/calls/call.ts";
import { serveIntercepted } from "../packages/core/src/calls/serve-intercepted.ts";
import { serveUnary } from "../packages/core/src/calls/serve-unary.ts";
import { UNKNOWN } from "../packages/core/src/options/peer.ts";
import type { Route } from "../packages/core/src/services/route.ts";
import { mount } from "../packages/core/src/services/router.ts";
import { BenchService } from "../proto/gen/connectum/bench/v1/bench_pb.ts";
import { small } from "./messages.ts";
import { median } from "./statistics.ts";

const ROUNDS = 7;
const CALLS = 200_000;
/** The number of calls that start in one turn of the event loop. */
const BATCH = 128;
const HEAD = "http://localhost/b\ncontent-type\napplication/grpc\nte\ntrailers";

const passOn: Interceptor = (next) => (request) => next(request);
const spread: Interceptor = (next) => (request) => next({ ...request });

const chains: Record<string, Interceptor[]> = {
  none: [],
  "1 passes on": [passOn],
  "4 pass on": [passOn, passOn, passOn, passOn],
  "2 spread": [spread, spread],
};

/** Drops every response. */
const port: CallPort = {
  read: () => null,
  write() {},
  finish() {},
  fail(_, { message }) {
    throw new Error(`a call has failed: ${message}`);
  },
  peer: () => UNKNOWN,
  report() {},
};

const input = BenchService.method.unary.input;
const message = toBinary(input, create(input, { text: small.text }));

async function run(route: Route, count: number): Promise<void> {
  const serve = route.interceptors.length > 0 ? serveIntercepted : serveUnary;
  for (let started = 0; started < count; started += BATCH) {
    for (let id = started; id < started + BATCH; id++) {
      const call = new Call(port, id, route, undefined, new InboundCallHead(PROTOCOL_GRPC << PROTOCOL_SHIFT, HEAD));
      call.run(serve, call, message, true);
    }
    await new Promise(setImmediate);
  }
}

const routes = Object.entries(chains).map(([name, interceptors]) => {
  const mounted = mount({
    services: [(router) => router.service(BenchService, { unary: ({ text }) => ({ text }) })],
    interceptors,
  });
  const route = mounted.routes.find(({ method }) => method === BenchService.method.unary);
  if (route === undefined) throw new Error("there is no route");
  return { name, route, taken: [] as number[] };
});
for (const { route } of routes) await run(route, CALLS / 2);
for (let round = 0; round < ROUNDS; round++) {
  for (const { route, taken } of routes) {
    const before = process.cpuUsage();
    await run(route, CALLS);
    const { user, system } = process.cpuUsage(before);
    taken.push((user + system) / CALLS);
  }
}
const without = median(routes[0]?.taken ?? []);
for (const { name, taken } of routes) {
  console.log(
    `${name.padEnd(12)} ${median(taken).toFixed(2)} us a call, ${(median(taken) - without).toFixed(2)} more than without`,
  );
}
