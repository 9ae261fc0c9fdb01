// @ts-check
// Makes HTTP/2 requests from its own thread, so that responses are seen while the main thread is busy.
//
// workerData: { port, requests: [{ path, headers, body, }] }. Posts, for each request, { status, trailers, ms }.
import { connect } from "node:http2";
import { parentPort, workerData } from "node:worker_threads";

const { port, requests } = workerData;
const session = connect(`http://127.0.0.1:${port}`);
session.once("connect", () => parentPort?.postMessage("connected"));

parentPort?.once("message", async () => {
  const answers = await Promise.all(requests.map(send));
  session.close();
  parentPort?.postMessage(answers);
});

/** @param {{ path: string, headers: Record<string, string>, body: Uint8Array }} request */
function send({ path, headers, body }) {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const stream = session.request({ ":method": "POST", ":path": path, ...headers });
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
