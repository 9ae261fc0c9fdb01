// Calls a service in process, in one of two ways, and prints a `Sample`: the CPU time has client and handler.
// Arguments: `connectum` or `connect-node`, and the seconds of CPU time to measure.
import process from "node:process";
import { createClient, createRouterTransport } from "@connectrpc/connect";
import { createLocalTransport, createServer } from "@connectum/core";
import { BenchService } from "../proto/gen/connectum/bench/v1/bench_pb.ts";
import { small } from "./messages.ts";
import routes from "./peers/routes.ts";

const [way, seconds = "1"] = process.argv.slice(2);
const transport =
  way === "connectum" ? createLocalTransport(createServer({ services: [routes] })) : createRouterTransport(routes);
const client = createClient(BenchService, transport);

/** Makes calls for so much CPU time, one after another; resolves to the time of each, in microseconds. */
async function callFor(seconds: number): Promise<number[]> {
  const before = process.cpuUsage();
  const times: number[] = [];
  for (;;) {
    for (let calls = 0; calls < 200; calls += 1) {
      const began = performance.now();
      const { text } = await client.unary(small);
      times.push((performance.now() - began) * 1e3);
      if (text !== small.text) throw new Error(`the response has the text ${text}`);
    }
    const { user, system } = process.cpuUsage(before);
    if ((user + system) / 1e6 >= seconds) return times;
  }
}

await callFor(1);
const before = process.cpuUsage();
const began = performance.now();
const times = (await callFor(Number(seconds))).sort((one, other) => one - other);
const { user, system } = process.cpuUsage(before);
const quantile = (part: number) => times[Math.floor(times.length * part)];
console.log(
  JSON.stringify({
    cpuUsPerCall: (user + system) / times.length,
    callsPerSecond: times.length / ((performance.now() - began) / 1e3),
    p50Us: quantile(0.5),
    p99Us: quantile(0.99),
    rssMib: process.memoryUsage.rss() / 2 ** 20,
  }),
);
