// Terminates workers whose servers have many calls in flight, and prints the share of the calls' heads that the process
// has kept: 0 if none is, 1 if all are.
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { connect } from "node:http2";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";

/** A connection may have 250 streams. */
const SESSIONS = 10;
const CALLS = 2_000;
const HEAD_BYTES = 8_000;
const ROUNDS = 8;

/** Starts a server in a worker, calls it, and terminates the worker while it serves. */
async function round(): Promise<void> {
  const worker = new Worker(new URL("../support/server-worker.mjs", import.meta.url), { stdout: true });
  const [port] = (await once(worker, "message")) as [number];
  const sessions = Array.from({ length: SESSIONS }, () => connect(`http://127.0.0.1:${port}`));
  for (const session of sessions) session.on("error", () => {}); // The server is terminated.
  let begun = 0;
  const allBegun = new Promise<void>((resolve) => {
    worker.on("message", () => {
      begun += 1;
      if (begun === CALLS) resolve();
    });
  });
  for (let call = 0; call < CALLS; call += 1) {
    const stream = sessions[call % SESSIONS]?.request({
      ":method": "POST",
      ":path": "/connectum.test.v1.EchoService/Echo",
      "content-type": "application/proto",
      "x-fill": "v".repeat(HEAD_BYTES),
    });
    stream?.on("error", () => {});
    stream?.end(Buffer.alloc(0));
  }
  await allBegun;
  await worker.terminate();
  for (const session of sessions) session.destroy();
}

async function memory(): Promise<number> {
  await sleep(200); // For what is freed on other threads.
  return process.memoryUsage().rss;
}

for (let warmUp = 0; warmUp < 4; warmUp += 1) await round();
const before = await memory();
for (let count = 0; count < ROUNDS; count += 1) await round();
console.log((((await memory()) - before) / (ROUNDS * CALLS * HEAD_BYTES)).toFixed(2));
