// The cost of a call in process: `createLocalTransport`, and connect's own `createRouterTransport`. Client and handler
// share a process, so the figure has both.
import process from "node:process";
import { capture } from "../scripts/run.mjs";
import type { ServerName } from "./case.ts";
import type { Sample } from "./measure.ts";
import { atLeast, type Comparison } from "./results.ts";

export const inProcess: Comparison & {
  readonly title: string;
  readonly unit: string;
  readonly servers: readonly ServerName[];
} = {
  name: "in-process",
  title: "Unary in process, 52 bytes (connect-node: `createRouterTransport`)",
  unit: "CPU µs per call, both sides",
  servers: ["connectum", "connect-node"],
  figureOf: ({ cpuUsPerCall }) => cpuUsPerCall,
  // 107 µs and at most 30, when the target was set.
  targetOf: (server, ratio) => (server === "connect-node" ? atLeast("createRouterTransport / ours", ratio, 3.6) : null),
};

/** Measures one of them, in a process of its own. */
export async function measureInProcess(server: ServerName, seconds: number): Promise<Sample> {
  const program = ["--import", "tsx", "bench/in-process-program.ts", server, String(seconds)];
  const { code, stdout, stderr } = await capture(process.execPath, program, { timeoutMs: 120_000 });
  if (code !== 0) throw new Error(`bench/in-process-program.ts ${server} ended with ${code}: ${stderr}`);
  return JSON.parse(stdout) as Sample;
}
