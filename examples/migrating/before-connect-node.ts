// node --import tsx before-connect-node.ts [port]: the greeter on connect-node.
import { createServer } from "node:http2";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import routes from "./routes.ts";

const stopping = new AbortController();
const server = createServer(
  connectNodeAdapter({
    routes,
    readMaxBytes: 4 * 1024 * 1024,
    shutdownSignal: stopping.signal,
  }),
);
const port = Number(process.argv[2] ?? 5000);
server.listen(port, "0.0.0.0", () => console.log(`Server listening 0.0.0.0:${port}`));
process.once("SIGTERM", () => {
  stopping.abort();
  server.close();
});
