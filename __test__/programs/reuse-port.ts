// A server on the port given (0 for any), with reusePort if the second argument says so. Prints its port, or the code
// of the error; responds with its process id.
import process from "node:process";
import { createServer } from "@connectum/core";
import { EchoService } from "../../proto/gen/connectum/test/v1/echo_pb.ts";

const [port, reuse] = process.argv.slice(2);
const server = createServer({
  services: [(router) => router.service(EchoService, { echo: () => ({ index: process.pid }) })],
  port: Number(port),
  host: "127.0.0.1",
  reusePort: reuse === "reusePort",
  shutdown: { autoShutdown: true },
});
try {
  await server.start();
  console.log(`port ${server.address?.port}`);
} catch (error) {
  console.log(`failed ${(error as NodeJS.ErrnoException).code}`);
}
