// node --import tsx bench/health.ts: the latency of health while JavaScript is blocked for five seconds, when /readyz
// changes and recovers, and the cost of a thousand idle Watch streams. Takes a minute, on Linux.
import { type ChildProcess, spawn } from "node:child_process";
import { once, setMaxListeners } from "node:events";
import { readFileSync } from "node:fs";
import { Agent, type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { Health } from "@connectum/healthcheck/proto";

const BLOCKED_MS = 5_000;
const EVERY_MS = 5;
const WATCHES = 1_000;
/** Streams per connection: fewer than any client's limit. */
const WATCHES_PER_CONNECTION = 100;
const IDLE_MS = 20_000;
/** Milliseconds of a tick of the kernel's clock in /proc. */
const TICK_MS = 10;

interface Answer {
  readonly sentAt: number;
  readonly ms: number;
  readonly serving: boolean;
}

const server = spawn(process.execPath, ["--import", "tsx", "bench/health-program.ts"], {
  stdio: ["pipe", "pipe", "inherit"],
});
try {
  const url = await addressOf(server);
  await reportBlocked(url, server);
  await reportWatches(url, server);
} finally {
  server.kill("SIGKILL");
}

/** Requests health while the server is blocked, and for a second and a half after. */
async function reportBlocked(url: string, { stdin }: ChildProcess) {
  const health = createClient(Health, createGrpcTransport({ baseUrl: url }));
  const agent = new Agent({ keepAlive: true });
  const get = (path: string) => async () => {
    const outgoing = request(`${url}${path}`, { agent }).end();
    const [response] = (await once(outgoing, "response")) as [IncomingMessage];
    await text(response);
    return response.statusCode === 200;
  };
  const questions = {
    "Health/Check": async () => (await health.check({})).status === 1,
    "/readyz": get("/readyz"),
    "/livez": get("/livez"),
  };
  // Opens connections and warms up the code.
  for (let round = 0; round < 200; round++) await Promise.all(Object.values(questions).map((ask) => ask()));
  const startedAt = performance.now();
  stdin?.write(`${BLOCKED_MS}\n`);
  const answers = await Promise.all(Object.values(questions).map((ask) => askFor(BLOCKED_MS + 1_500, ask)));
  agent.destroy();
  console.log(`JavaScript blocked for ${BLOCKED_MS / 1_000} s; requested every ${EVERY_MS} ms`);
  for (const [at, name] of Object.keys(questions).entries()) {
    const all = answers[at] ?? [];
    const times = all.filter(({ sentAt }) => sentAt < startedAt + BLOCKED_MS).map(({ ms }) => ms);
    const turned = all.find(({ serving }) => !serving);
    const back = all.findLast(({ serving }) => !serving);
    const turns =
      turned === undefined || back === undefined
        ? "never turned"
        : `not serving after ${Math.round(turned.sentAt - startedAt)} ms, serving again ${Math.round(back.sentAt - startedAt - BLOCKED_MS)} ms after the end`;
    console.log(
      `${name.padEnd(13)} ${times.length} answers, ms: p50 ${quantileOf(times, 0.5)} p99 ${quantileOf(times, 0.99)} max ${quantileOf(times, 1)}; ${turns}`,
    );
  }
}

/** The responses to a repeated request. */
async function askFor(ms: number, ask: () => Promise<boolean>): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const until = performance.now() + ms; performance.now() < until; ) {
    const sentAt = performance.now();
    const serving = await ask();
    answers.push({ sentAt, ms: performance.now() - sentAt, serving });
    await sleep(EVERY_MS);
  }
  return answers;
}

/** The server's CPU time over some idle seconds, without watches and with them. */
async function reportWatches(url: string, { pid }: ChildProcess) {
  const idle = async () => {
    const before = cpuMs(pid);
    await sleep(IDLE_MS);
    return cpuMs(pid) - before;
  };
  const without = await idle();
  const abort = new AbortController();
  setMaxListeners(WATCHES, abort.signal);
  let open = 0;
  const watches = Array.from({ length: WATCHES / WATCHES_PER_CONNECTION }, () => {
    const client = createClient(Health, createGrpcTransport({ baseUrl: url }));
    return Array.from({ length: WATCHES_PER_CONNECTION }, async () => {
      for await (const _ of client.watch({}, { signal: abort.signal })) open += 1;
    });
  }).flat();
  for (const watch of watches) watch.catch(() => {}); // They are cut at the end.
  while (open < WATCHES) await sleep(10);
  const during = await idle();
  abort.abort();
  await Promise.allSettled(watches);
  console.log(
    `${IDLE_MS / 1_000} idle seconds: ${without} ms of CPU time without a Watch, ${during} ms with ${WATCHES} (steps of ${TICK_MS} ms)`,
  );
}

/** User and system time of a process and its threads. */
function cpuMs(pid = 0): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

async function addressOf({ stdout }: ChildProcess): Promise<string> {
  for await (const chunk of stdout ?? []) {
    const line = /^http:.*$/m.exec(String(chunk));
    if (line !== null) return line[0];
  }
  throw new Error("the server did not start");
}

/** A quantile, formatted. */
function quantileOf(times: readonly number[], quantile: number): string {
  const sorted = [...times].sort((a, b) => a - b);
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * quantile))] ?? Number.NaN).toFixed(1);
}
