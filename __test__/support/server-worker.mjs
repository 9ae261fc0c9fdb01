// @ts-check
// A worker with a server, on a free port or at the Unix socket of its data, with the `tls` of its data. It posts its
// port, then "begun" for each call; its calls never end by themselves.
import { parentPort, workerData } from "node:worker_threads";
import { createServer } from "@connectum/core";
import { register } from "tsx/esm/api";

// Workers do not inherit the TypeScript loader.
register();
const { EchoService } = await import("../../proto/gen/connectum/test/v1/echo_pb.ts");

const server = createServer({
  services: [
    (router) =>
      router.service(EchoService, {
        echo() {
          parentPort?.postMessage("begun");
          return new Promise(() => {});
        },
        async *echoServerStream() {
          parentPort?.postMessage("begun");
          for (let index = 0; ; index += 1) {
            yield { index };
            await new Promise(setImmediate);
          }
        },
        echoGet: ({ text }) => ({ text }),
      }),
  ],
  ...(workerData?.tls !== undefined && { tls: workerData.tls }),
  ...(workerData?.path === undefined ? { port: 0, host: "127.0.0.1" } : { path: workerData.path }),
});
await server.start();
parentPort?.postMessage(server.address?.port);
parentPort?.once("message", () => void server.stop().then(() => parentPort?.close()));
