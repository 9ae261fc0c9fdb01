// A server that stops on SIGTERM, with a long call. Arguments: the milliseconds of the call, and "failing" for hooks
// that fail. Prints each event on a line.
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { createServer } from "@connectum/core";
import { EchoService } from "../../proto/gen/connectum/test/v1/echo_pb.ts";

const [milliseconds, failing] = process.argv.slice(2);
const server = createServer({
  services: [
    (router) =>
      router.service(EchoService, {
        async echo() {
          console.log("call begins");
          await sleep(Number(milliseconds));
          console.log("call ends");
          return {};
        },
      }),
  ],
  port: 0,
  host: "127.0.0.1",
  shutdown: { autoShutdown: true },
});
if (failing !== undefined) {
  server.onShutdown("database", () => Promise.reject(new Error("hook failed")));
  server.onShutdown(() => {
    throw new Error("it failed too");
  });
}
// In the next turn, after the listeners have run, signals have their default action again.
server.on("stopping", () => setImmediate(() => console.log("stopping")));
server.on("stop", () => console.log("stop"));
server.on("error", (error) => console.log(`error ${error.message}`));
await server.start();
console.log(`running ${server.address?.port}`);
