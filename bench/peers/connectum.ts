// @connectum/core: what the figures are about.
import { createServer } from "@connectum/core";
import { EchoService } from "../../proto/gen/connectum/test/v1/echo_pb.ts";

const server = createServer({
  services: [(router) => router.service(EchoService, { echo: ({ text }) => ({ text }) })],
  host: "127.0.0.1",
  port: 0,
});
await server.start();
console.log(`http://127.0.0.1:${server.address?.port}`);

process.once("SIGTERM", () => void server.stop());
