// A server with two listeners: a port, and a Unix socket that only speaks HTTP/2. Calls it on both.
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { createServer } from "@connectum/core";
import { Greeter } from "./gen/greeter_pb.ts";
import routes from "./routes.ts";

const directory = mkdtempSync(join(tmpdir(), "greeter-"));
const path = join(directory, "greeter.sock");

const server = createServer({
  services: [routes],
  listeners: [
    { port: 0, host: "127.0.0.1" },
    { path, allowHTTP1: false },
  ],
});
await server.start();

for (const address of server.addresses) {
  console.log(typeof address === "string" ? "a Unix socket" : `a port of ${address.address}`);
}

const baseUrl = `http://127.0.0.1:${server.address?.port}`;
const outside = createClient(Greeter, createConnectTransport({ baseUrl, httpVersion: "1.1" }));
console.log((await outside.greet({ name: "Ada" })).greeting);

const inside = createClient(
  Greeter,
  createGrpcTransport({ baseUrl: "http://localhost", nodeOptions: { createConnection: () => connect(path) } }),
);
console.log((await inside.greet({ name: "Charles" })).greeting);

await server.stop();
rmSync(directory, { recursive: true });
