// node --import tsx tls.ts <directory>: TLS, with client certificates. The directory has server.crt, server.key,
// ca.crt, and client.crt and client.key of a client whose certificate ca.crt has signed.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { createServer } from "@connectum/core";
import { Greeter } from "./gen/greeter_pb.ts";
import routes from "./routes.ts";

const keys = process.argv[2] ?? "keys";

const server = createServer({
  services: [routes],
  port: 0,
  host: "127.0.0.1",
  allowHTTP1: false,
  tls: { dirPath: keys, ca: join(keys, "ca.crt") },
});
server.on("tlsReload", ({ certificates }) => console.log(`now ${certificates[0]?.subject}`));
server.on("tlsReloadError", ({ message }) => console.error(`not taken: ${message}`));
await server.start();

const baseUrl = `https://localhost:${server.address?.port}`;
const ca = readFileSync(join(keys, "ca.crt"));
const cert = readFileSync(join(keys, "client.crt"));
const key = readFileSync(join(keys, "client.key"));

const known = createClient(Greeter, createGrpcTransport({ baseUrl, nodeOptions: { ca, cert, key } }));
console.log((await known.greet({ name: "Ada" })).greeting);

const unknown = createClient(Greeter, createGrpcTransport({ baseUrl, nodeOptions: { ca } }));
try {
  await unknown.greet({ name: "Eve" });
} catch (thrown) {
  console.log(`without a certificate: ${thrown instanceof ConnectError ? "refused" : thrown}`);
}

await server.reloadTLS();
await server.stop();
