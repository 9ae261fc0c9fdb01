// What workers leave that are terminated while their servers have calls with large heads.
import { once } from "node:events";
import { type ClientHttp2Session, connect } from "node:http2";
import { Worker } from "node:worker_threads";
import { SERVICE } from "../../__test__/support/grpc-session.ts";
import { answerQuestions } from "../answers.ts";
import { growthOf } from "../growth.ts";

const WORKERS = 20;
const SESSIONS = 5;
const CALLS = 200;
const HEAD_BYTES = 8_000;

/** The worker of the tests: its calls never end by themselves, and it says when one has begun. */
const program = new URL("../../__test__/support/server-worker.mjs", import.meta.url);

async function terminateWorkers(count: number): Promise<void> {
  for (let round = 0; round < count; round += 1) {
    const worker = new Worker(program, { stdout: true });
    const [port] = (await once(worker, "message")) as [number];
    const sessions = Array.from({ length: SESSIONS }, () => connect(`http://127.0.0.1:${port}`));
    const begun = messages(worker, SESSIONS * CALLS);
    for (const session of sessions) {
      session.on("error", () => {}); // The server is terminated.
      for (let call = 0; call < CALLS; call += 1) begin(session);
    }
    await begun;
    await worker.terminate();
    for (const session of sessions) session.destroy();
  }
}

function begin(session: ClientHttp2Session): void {
  const stream = session.request({
    ":method": "POST",
    ":path": `${SERVICE}/Echo`,
    "content-type": "application/grpc",
    te: "trailers",
    "x-fill": "v".repeat(HEAD_BYTES),
  });
  stream.on("error", () => {}).resume();
  stream.end(Buffer.alloc(5));
}

/** Resolves when a worker has posted so many messages. */
function messages(worker: Worker, count: number): Promise<void> {
  let left = count;
  return new Promise((resolve) => {
    worker.on("message", () => {
      left -= 1;
      if (left === 0) resolve();
    });
  });
}

answerQuestions({
  growth: () =>
    growthOf({
      warmUp: () => terminateWorkers(3),
      work: () => terminateWorkers(WORKERS),
      figure: () => process.memoryUsage().rss,
    }),
});
