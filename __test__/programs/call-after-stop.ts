// A server whose call outlives the shutdown timeout after SIGTERM, and is not aborted. Prints each event on a line.
import { createServer } from "@connectum/core";
import { EchoService } from "../../proto/gen/connectum/test/v1/echo_pb.ts";

let endCall = () => {};
const server = createServer({
  services: [
    (router) =>
      router.service(EchoService, {
        async echo() {
          console.log("call begins");
          await new Promise<void>((resolve) => {
            endCall = resolve;
          });
          console.log("call ends");
          return {};
        },
      }),
  ],
  port: 0,
  host: "127.0.0.1",
  shutdown: { autoShutdown: true, timeout: 50, forceCloseOnTimeout: false },
});
server.on("stop", () => {
  console.log("stop");
  // Only the call keeps the process alive by then: this timer does not.
  setTimeout(() => endCall(), 300).unref();
});
await server.start();
console.log(`running ${server.address?.port}`);
