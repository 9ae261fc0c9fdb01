// @ts-check
// Starts gRPC calls from its own thread, waits until the server has all of them, and resets them.
//
// workerData: { port, path, connections, calls, body?, steps? }: calls of each connection, and the body of each. Posts
// { waited, ms }: how many calls had no answer when they were reset, and how long it took until the server had seen
// every reset.
//
// A busy main thread gets no messages. With `steps`, an Int32Array that both share, it follows what happens here: 1 is
// when the server has the calls; they are reset when the main thread sets 2; 3 is when the server has seen that.
import { once } from "node:events";
import { connect, constants } from "node:http2";
import { parentPort, workerData } from "node:worker_threads";

const { port, path, connections, calls, body = Buffer.alloc(5), steps } = workerData;
const sessions = Array.from({ length: connections }, () => connect(`http://127.0.0.1:${port}`));
await Promise.all(sessions.map((session) => once(session, "remoteSettings")));
parentPort?.postMessage("connected");

parentPort?.once("message", async () => {
  const start = performance.now();
  const streams = sessions.flatMap((session) => Array.from({ length: calls }, () => begin(session)));
  await Promise.all(sessions.map(ping));
  if (steps !== undefined) {
    step(1);
    Atomics.wait(steps, 0, 1);
  }
  const waiting = streams.filter(({ closed }) => !closed);
  for (const stream of waiting) stream.close(constants.NGHTTP2_CANCEL);
  await Promise.all(sessions.map(ping));
  if (steps !== undefined) step(3);
  const ms = performance.now() - start;
  for (const session of sessions) session.destroy();
  parentPort?.postMessage({ waited: waiting.length, ms });
});

/** @param {number} reached */
function step(reached) {
  Atomics.store(steps, 0, reached);
  Atomics.notify(steps, 0);
}

/** @param {import("node:http2").ClientHttp2Session} session */
function begin(session) {
  const stream = session.request({
    ":method": "POST",
    ":path": path,
    "content-type": "application/grpc",
    te: "trailers",
  });
  stream.on("error", () => {});
  stream.end(body);
  return stream;
}

/**
 * Resolves when the server has read everything that was sent before.
 * @param {import("node:http2").ClientHttp2Session} session
 */
function ping(session) {
  return new Promise((resolve) => session.ping(resolve));
}
