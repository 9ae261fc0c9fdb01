// A server of the pair that shares a port: SIGTERM drains it. Its argument is the port. It prints a line when it
// listens and for each hook, and ends by itself.
import { once } from "node:events";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { createServer } from "@connectum/core";
import { EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";

/** Some calls are in the handler when the server is told to stop. */
const CALL_MS = 5;

const server = createServer({
  services: [
    (router) =>
      router.service(EchoService, {
        async echo({ text }) {
          await sleep(CALL_MS);
          return { text };
        },
        async *echoServerStream({ text }, { signal }) {
          yield { text };
          if (!signal.aborted) await once(signal, "abort");
          throw signal.reason;
        },
      }),
  ],
  host: "127.0.0.1",
  port: Number(process.argv[2]),
  reusePort: true,
  shutdown: { autoShutdown: true, timeout: 10_000, streamGracePeriod: 100 },
});
server.onShutdown("database", () => console.log("hook database"));
server.onShutdown("queue", ["database"], () => console.log("hook queue"));
server.on("stop", () => console.log("stop"));
await server.start();
console.log(`listening ${server.address?.port}`);
