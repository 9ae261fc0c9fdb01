// Prices, on connect-node with our interceptor, in a process of its own. Argument: `trust` if its callers are trusted.
import { createServer } from "node:http2";
import process from "node:process";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { createOtelInterceptor, shutdownProvider } from "@connectum/otel";
import { Prices } from "../../examples/catalog/gen/shop_pb.ts";

const [trust] = process.argv.slice(2);
const server = createServer(
  connectNodeAdapter({
    interceptors: [createOtelInterceptor({ serviceName: "prices", trustRemote: trust === "trust" })],
    routes: (router) => router.service(Prices, { quote: ({ article }) => ({ article, cents: 450 }) }),
  }),
);
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  console.log(`port ${typeof address === "object" ? address?.port : address}`);
});
process.once("SIGTERM", () => void shutdownProvider().finally(() => process.exit()));
