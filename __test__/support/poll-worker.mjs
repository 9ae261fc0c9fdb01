// @ts-check
// Polls a server from its own thread, so that responses are seen while the main thread is busy.
//
// workerData: { port, paths, calls, everyMs }: paths for GET over HTTP/1.1, calls as { path, body (base64) } for gRPC.
// Posts "ready" after the first round; on any message, posts every response: { what, at, ms, status, body (base64) },
// times of the process's clock.
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { Agent, request } from "node:http";
import { connect } from "node:http2";
import { setTimeout as sleep } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";

const { port, paths, calls, everyMs } = workerData;
const agent = new Agent({ keepAlive: true });
const session = connect(`http://127.0.0.1:${port}`);
/** @type {object[]} */
const answers = [];
let isOver = false;

/** @param {string} what @param {() => Promise<{ status: number, body: Buffer }>} ask */
async function record(what, ask) {
  const at = Date.now();
  const startedAt = performance.now();
  const { status, body } = await ask();
  answers.push({ what, at, ms: performance.now() - startedAt, status, body: body.toString("base64") });
}

/** @param {string} path */
async function get(path) {
  const outgoing = request({ host: "127.0.0.1", port, path, agent }).end();
  const [response] = await once(outgoing, "response");
  const chunks = [];
  for await (const chunk of response) chunks.push(chunk);
  return { status: response.statusCode, body: Buffer.concat(chunks) };
}

/** @param {{ path: string, body: string }} call */
async function callGrpc({ path, body }) {
  const headers = { ":method": "POST", ":path": path, "content-type": "application/grpc", te: "trailers" };
  const stream = session.request(headers);
  let status = -1;
  stream.on("trailers", (trailers) => {
    status = Number(trailers["grpc-status"]);
  });
  stream.end(Buffer.from(body, "base64"));
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return { status, body: Buffer.concat(chunks) };
}

parentPort?.once("message", () => {
  isOver = true;
});
for (let round = 0; !isOver; round += 1) {
  await Promise.all([
    ...paths.map((/** @type {string} */ path) => record(path, () => get(path))),
    ...calls.map((/** @type {{ path: string, body: string }} */ call) => record(call.path, () => callGrpc(call))),
  ]);
  if (round === 0) parentPort?.postMessage("ready");
  await sleep(everyMs);
}
agent.destroy();
session.close();
parentPort?.postMessage(answers);
