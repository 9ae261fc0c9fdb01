// A server that ends on a request for /die: it closes the connection, and is busy for a while before it exits.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { blockEventLoop } from "../support/block-event-loop.ts";

const server = createServer(async ({ url, socket }, response) => {
  if (url !== "/die") return void response.end(`${process.pid}`);
  // The client sees the close first; only then is the event loop blocked.
  socket.once("close", () => {
    blockEventLoop(500);
    process.exit(1);
  });
  socket.destroy();
});
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  console.log(`http://127.0.0.1:${port}/?http2=${port}`);
});
process.once("SIGTERM", () => process.exit(0));
