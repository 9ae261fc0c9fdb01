// A server that greets its callers by what it knows of them: in the clear, behind proxies, and in process.
import { once } from "node:events";
import { connect } from "node:net";
import type { ConnectRouter, Interceptor } from "@connectrpc/connect";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { createServer, type Peer, peerKey } from "@connectum/core";
import { Greeter } from "./gen/greeter_pb.ts";

function whoIs(peer: Peer): string {
  switch (peer.transport) {
    case "tcp":
      return peer.client ?? peer.address;
    case "unix":
      return `process ${peer.credentials?.pid}`;
    default:
      return peer.transport;
  }
}

const routes = (router: ConnectRouter) => {
  router.service(Greeter, {
    greet: ({ name }, { values }) => ({ greeting: `Hello, ${name} of ${whoIs(values.get(peerKey))}!` }),
  });
};

const refuseTestNetwork: Interceptor = (next) => (request) => {
  const peer = request.contextValues.get(peerKey);
  if (peer.address === "198.51.100.66") throw new ConnectError("not from there", Code.PermissionDenied);
  return next(request);
};

const server = createServer({
  services: [routes],
  interceptors: [refuseTestNetwork],
  listeners: [
    { port: 0, host: "127.0.0.1" },
    { port: 0, host: "127.0.0.1", proxyProtocol: ["127.0.0.1"] },
  ],
  trustedProxies: ["127.0.0.1"],
  fetch: (_request, { peer }) => Response.json({ you: whoIs(peer) }),
});
await server.start();

const [direct, proxied] = server.addresses.map((address) => (typeof address === "string" ? 0 : address.port));
const baseUrl = `http://127.0.0.1:${direct}`;

const client = createClient(Greeter, createGrpcTransport({ baseUrl }));
console.log((await client.greet({ name: "Ada" })).greeting);

// As an HTTP proxy would send it.
const headers = { "x-forwarded-for": "203.0.113.7" };
console.log((await client.greet({ name: "Grace" }, { headers })).greeting);
console.log(`fetch: ${await (await fetch(baseUrl, { headers })).text()}`);

// As a load balancer of TCP would begin a connection.
for (const address of ["203.0.113.8", "198.51.100.66"]) {
  const socket = connect(Number(proxied), "127.0.0.1");
  await once(socket, "connect");
  socket.write(`PROXY TCP4 ${address} 192.0.2.1 50000 443\r\n`);
  const transport = createGrpcTransport({
    baseUrl: `http://127.0.0.1:${proxied}`,
    nodeOptions: { createConnection: () => socket },
  });
  try {
    console.log((await createClient(Greeter, transport).greet({ name: "Charles" })).greeting);
  } catch (error) {
    console.log(ConnectError.from(error).message);
  }
  socket.destroy();
}

console.log((await server.localClient(Greeter).greet({ name: "Mary" })).greeting);
await server.stop();
