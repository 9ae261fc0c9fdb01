// node --import tsx bench/chain.ts: the CPU time that interceptors that pass a request on, or spread it, cost the
// JavaScript thread. In `--only interceptors` this cost disappears in the noise of the rest.
import type { Interceptor } from "@connectrpc/connect";
import type { CallPort } from "../packages/core/src/boundary/call-port.ts";
import { UNKNOWN } from "../packages/core/src/options/peer.ts";
import { measureChains } from "./chain-calls.ts";
import { median } from "./statistics.ts";

const ROUNDS = 7;
const CALLS = 200_000;
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

const measured = await measureChains(chains, { port, head: HEAD }, ROUNDS, CALLS);
const without = median(measured[0]?.taken ?? []);
for (const { name, taken } of measured) {
  console.log(
    `${name.padEnd(12)} ${median(taken).toFixed(2)} us a call, ${(median(taken) - without).toFixed(2)} more than without`,
  );
}
