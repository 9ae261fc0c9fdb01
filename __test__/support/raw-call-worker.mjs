// @ts-check
// Makes HTTP/2 requests from its own thread, so that responses are seen while the main thread is busy.
//
// workerData: { port, requests: [{ path, headers, body, connection }] }. A request without the number of a connection
// is sent on the first one. Posts, for each request, { status, trailers, ms }.
import { once } from "node:events";
import { connect } from "node:http2";
import { parentPort, workerData } from "node:worker_threads";

const { port, requests } = workerData;
const count = 1 + Math.max(...requests.map(({ connection = 0 }) => connection));
const sessions = Array.from({ length: count }, () => connect(`http://127.0.0.1:${port}`));
Promise.all(sessions.map((session) => once(session, "connect"))).then(() => parentPort?.postMessage("connected"));

parentPort?.once("message", async () => {
  const answers = await Promise.all(requests.map(send));
  for (const session of sessions) session.close();
  parentPort?.postMessage(answers);
});

/** @param {{ path: string, headers: Record<string, string>, body: Uint8Array, connection?: number }} request */
function send({ path, headers, body, connection = 0 }) {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const stream = /** @type {import("node:http2").ClientHttp2Session} */ (sessions[connection]).request({
      ":method": "POST",
      ":path": path,
      ...headers,
    });
    /** @type {Record<string, unknown>} */
    let head = {};
    /** @type {Record<string, unknown>} */
    let trailers = {};
    let text = "";
    stream.on("response", (received) => (head = received));
    stream.on("trailers", (received) => (trailers = received));
    stream.setEncoding("utf8").on("data", (chunk) => (text += chunk));
    stream.on("error", reject);
    stream.on("end", () =>
      resolve({ head: { ...head }, trailers: { ...trailers }, text, ms: performance.now() - start }),
    );
    stream.end(body);
  });
}
