// @connectrpc/connect-node, on node:http2.
import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { EchoService } from "../../proto/gen/connectum/test/v1/echo_pb.ts";

const server = createServer(
  connectNodeAdapter({ routes: (router) => router.service(EchoService, { echo: ({ text }) => ({ text }) }) }),
);
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));

process.once("SIGTERM", () => process.exit(0));
