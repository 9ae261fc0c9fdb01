// connect-node: an HTTP/1.1 server and an HTTP/2 server, because it needs one port for each.
import { createServer } from "node:http";
import { createServer as createHttp2Server } from "node:http2";
import type { AddressInfo, Server } from "node:net";
import process from "node:process";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { configurationOf, configurations } from "../configuration.ts";
import { routesFor } from "../routes.ts";

const configuration = configurationOf(process.argv);
const adapter = connectNodeAdapter({ ...configurations[configuration], routes: routesFor(configuration) });
const ports = await Promise.all([createServer(adapter), createHttp2Server(adapter)].map(listen));
console.log(`http://127.0.0.1:${ports[0]}/?http2=${ports[1]}`);

// Node reports requests that it could not answer; only their outcome is compared.
console.error = () => {};
// Some requests end the process. That is compared, too, and must not be printed.
process.once("uncaughtException", () => process.exit(1));
process.once("SIGTERM", () => process.exit(0));

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}
