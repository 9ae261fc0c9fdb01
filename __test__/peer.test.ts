// Who has made a call, as handlers and interceptors see it: `ctx.peer` and `peerKey`.
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { request as requestHttp1 } from "node:http";
import { connect } from "node:net";
import process from "node:process";
import { type TestContext, test } from "node:test";
import { connect as connectTls } from "node:tls";
import { inspect } from "node:util";
import { Code, ConnectError, createClient, createContextValues, type Interceptor } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import {
  type Context,
  type CreateServerOptions,
  createLocalTransport,
  createServer,
  type Peer,
  type ProtocolRegistration,
  peerKey,
  peerOf,
  type TLSOptions,
} from "@connectum/core";
import { EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";
import { certificate, identity } from "./support/certificates.ts";
import { deferred } from "./support/deferred.ts";
import { plainClients } from "./support/plain-http.ts";
import { serve } from "./support/serve.ts";
import { serveEcho } from "./support/serve-echo.ts";
import { nodeClients } from "./support/transports.ts";
import { socketPath } from "./support/unix-socket.ts";

const ca = certificate("ca.crt");
const passing: Interceptor = (next) => (request) => next(request);

/** A server whose `Echo` keeps the peers of its calls. */
async function servePeers(t: TestContext, options: Partial<CreateServerOptions> = {}) {
  const peers: Peer[] = [];
  const echo = (_: unknown, context: Context) => {
    peers.push(context.peer);
    return {};
  };
  const served = await serveEcho(t, { echo: echo as never }, options);
  /** The peer of the only call. */
  const only = () => {
    assert.equal(peers.length, 1);
    return peers[0] as Peer;
  };
  return { ...served, peers, only };
}

for (const { name, httpVersion, transport } of nodeClients) {
  for (const interceptors of [[], [passing]]) {
    const where = interceptors.length === 0 ? "" : ", behind an interceptor";
    // contract: PE-context
    test(`${name}${where}: the peer has the addresses of the connection`, { timeout: 10_000 }, async (t) => {
      const { url, port, only } = await servePeers(t, { interceptors });
      await createClient(EchoService, transport(url)).echo({});
      const peer = only();
      assert.ok(peer.transport === "tcp");
      assert.deepEqual([peer.address, peer.localAddress, peer.localPort], ["127.0.0.1", "127.0.0.1", port]);
      assert.ok(peer.port > 0 && peer.port !== port);
      assert.equal(peer.httpVersion, httpVersion === "2" ? "2.0" : "1.1");
      assert.deepEqual([peer.tls, peer.proxy, peer.client, peer.path, peer.credentials], Array(5).fill(undefined));
    });
  }
}

test("an IPv4 client of a listener of IPv6 has an IPv4 address", { timeout: 10_000 }, async (t) => {
  const { url, only } = await servePeers(t, { host: "::" });
  await createClient(EchoService, createConnectTransport({ baseUrl: url, httpVersion: "1.1" })).echo({});
  assert.deepEqual([only().address, only().localAddress], ["127.0.0.1", "127.0.0.1"]);
});

// contract: PE-key
test("interceptors find the peer by peerKey, the same as the handler's", { timeout: 10_000 }, async (t) => {
  const seen: Peer[] = [];
  const looking: Interceptor = (next) => async (request) => {
    seen.push(request.contextValues.get(peerKey));
    return await next(request);
  };
  const { url, only } = await servePeers(t, { interceptors: [looking] });
  await createClient(EchoService, createConnectTransport({ baseUrl: url, httpVersion: "2" })).echo({});
  assert.equal(seen[0], only());
});

// contract: PE-key
test("peerKey is among the values of the application, too, which its function gets the peer for", {
  timeout: 10_000,
}, async (t) => {
  const shared = createContextValues();
  const seen: (string | undefined)[] = [];
  const echo = (_: unknown, { values }: Context) => {
    seen.push(values.get(peerKey).address);
    return {};
  };
  const contextValues: CreateServerOptions["contextValues"] = ({ peer }) => {
    seen.push(peer.address);
    return shared;
  };
  const { url } = await serveEcho(t, { echo: echo as never }, { contextValues });
  await createClient(EchoService, createConnectTransport({ baseUrl: url, httpVersion: "1.1" })).echo({});
  assert.deepEqual(seen, ["127.0.0.1", "127.0.0.1"]);
  assert.equal(shared.get(peerKey).transport, "unknown", "nothing is left in values that calls may share");
});

test("an interceptor may set another peer, and take it back", { timeout: 10_000 }, async (t) => {
  const seen: string[] = [];
  const other = { ...createContextValues().get(peerKey) };
  const setting: Interceptor = (next) => (request) => {
    const { contextValues } = request;
    contextValues.set(peerKey, other);
    seen.push(contextValues.get(peerKey).transport);
    contextValues.delete(peerKey);
    seen.push(contextValues.get(peerKey).transport);
    return next(request);
  };
  const { url } = await servePeers(t, { interceptors: [setting] });
  await createClient(EchoService, createConnectTransport({ baseUrl: url, httpVersion: "2" })).echo({});
  assert.deepEqual(seen, ["unknown", "tcp"]);
});

test("calls of several connections have each its own peer", { timeout: 20_000 }, async (t) => {
  const { url, peers } = await servePeers(t);
  const ports = [];
  for (let connection = 0; connection < 20; connection++) {
    const sent = requestHttp1(`${url}/connectum.test.v1.EchoService/Echo`, {
      method: "POST",
      agent: false,
      headers: { "content-type": "application/json" },
    }).end("{}");
    await once(sent, "socket");
    const [response] = await once(sent, "response");
    ports.push(response.socket.localPort);
    await once(response.resume(), "end");
  }
  assert.deepEqual(
    peers.map(({ port }) => port),
    ports,
  );
  assert.equal(new Set(ports).size, 20);
});

// contract: PE-context
test("the client of a Unix socket is a process", { timeout: 10_000 }, async (t) => {
  const path = socketPath(t);
  const served: Peer[] = [];
  const server = createServer({
    path,
    services: [
      (router) =>
        router.service(EchoService, {
          echo: ((_: unknown, { peer }: Context) => {
            served.push(peer);
            return {};
          }) as never,
        }),
    ],
  });
  await server.start();
  t.after(() => server.stop());
  const nodeOptions = { createConnection: () => connect(path) };
  await createClient(EchoService, createGrpcTransport({ baseUrl: "http://localhost", nodeOptions })).echo({});
  const [peer] = served;
  assert.ok(peer?.transport === "unix");
  assert.equal(peer.path, path);
  assert.deepEqual(peer.credentials, { pid: process.pid, uid: process.getuid?.(), gid: process.getgid?.() });
  assert.deepEqual([peer.address, peer.port, peer.localAddress, peer.localPort], Array(4).fill(undefined));
});

// contract: PE-in-process
test("in process the peer says so, whatever the client puts into its values", { timeout: 10_000 }, async (t) => {
  const seen: Peer[] = [];
  const looking: Interceptor = (next) => (request) => {
    seen.push(request.contextValues.get(peerKey));
    return next(request);
  };
  const { server, only } = await servePeers(t, { interceptors: [looking] });
  const forged = { transport: "tcp", address: "192.0.2.9", port: 1, httpVersion: "2.0" };
  const contextValues = createContextValues().set(peerKey, forged as never);
  await createClient(EchoService, createLocalTransport(server)).echo({}, { contextValues });
  for (const peer of [only(), seen[0]]) {
    assert.deepEqual(peer, {
      transport: "in-process",
      httpVersion: undefined,
      tls: undefined,
      client: undefined,
      proxy: undefined,
    });
  }
});

/** The peer of a call over TLS. */
async function peerOverTls(
  t: TestContext,
  who: "nobody" | "client" | "workload" | "stranger",
  options: Partial<CreateServerOptions> = {},
  tls: Partial<TLSOptions> = {},
) {
  const { port, only } = await servePeers(t, { tls: { ...identity("server"), ...tls }, ...options });
  const nodeOptions = { ca, ...(who === "nobody" ? {} : identity(who)) };
  const transport = createGrpcTransport({ baseUrl: `https://localhost:${port}`, nodeOptions });
  await createClient(EchoService, transport).echo({}, { timeoutMs: 5_000 });
  return only();
}

for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
  // contract: PE-context
  test(`${version}: the peer has what the handshake has negotiated`, { timeout: 10_000 }, async (t) => {
    const { tls } = await peerOverTls(t, "nobody", { http2Options: { minVersion: version, maxVersion: version } });
    assert.ok(tls !== undefined);
    assert.deepEqual([tls.version, tls.alpn, tls.serverName], [version, "h2", "localhost"]);
    assert.match(tls.cipher, version === "TLSv1.3" ? /^TLS_AES_/ : /^TLS_ECDHE_ECDSA_WITH_/);
    assert.equal(tls.certificate, undefined);
  });

  // contract: PE-certificate, PE-spiffe
  test(`${version}: the peer has the verified certificate of the client`, { timeout: 10_000 }, async (t) => {
    const peer = await peerOverTls(
      t,
      "workload",
      { http2Options: { minVersion: version, maxVersion: version } },
      { ca },
    );
    const shown = peer.tls?.certificate;
    const node = new X509Certificate(certificate("workload.crt"));
    assert.ok(shown !== undefined);
    assert.equal(shown.subject, "CN=orders,OU=\\+a,O=Example\\, Inc. #1");
    assert.equal(shown.issuer, "CN=ca");
    assert.equal(shown.spiffeId, "spiffe://example.org/orders");
    assert.deepEqual(shown.subjectAltNames, {
      dns: ["orders.example.org"],
      uri: ["spiffe://example.org/orders"],
      ip: ["10.0.0.7", "2001:db8::7"],
      email: ["orders@example.org"],
    });
    assert.equal(shown.serialNumber, node.serialNumber);
    assert.equal(shown.fingerprint256, node.fingerprint256);
    assert.deepEqual([shown.validFrom, shown.validTo], [new Date(node.validFrom), new Date(node.validTo)]);
    assert.deepEqual(Buffer.from(shown.raw), node.raw);
  });
}

// contract: PE-certificate
test("a resumed session has the certificate of the first one", { timeout: 10_000 }, async (t) => {
  const { port, peers } = await servePeers(t, { tls: { ...identity("server"), ca } });
  const options = { port, host: "localhost", ca, ...identity("workload"), ALPNProtocols: ["http/1.1"] };
  const body = "{}";
  const head = [
    "POST /connectum.test.v1.EchoService/Echo HTTP/1.1",
    "host: localhost",
    "content-type: application/json",
    `content-length: ${body.length}`,
    "connection: close",
  ];
  let session: Buffer | undefined;
  const reused = [];
  for (let time = 0; time < 2; time++) {
    const socket = connectTls(session === undefined ? options : { ...options, session });
    socket.on("session", (given) => {
      session = given;
    });
    await once(socket, "secureConnect");
    reused.push(socket.isSessionReused());
    socket.write(`${head.join("\r\n")}\r\n\r\n${body}`);
    await once(socket.resume(), "close");
  }
  assert.deepEqual(reused, [false, true]);
  const ids = peers.map(({ tls }) => tls?.certificate?.spiffeId);
  assert.deepEqual(ids, Array(2).fill("spiffe://example.org/orders"));
});

// contract: PE-certificate
test("a certificate that nobody has verified is not shown", { timeout: 10_000 }, async (t) => {
  const http2Options = { requestCert: true, rejectUnauthorized: false };
  const peer = await peerOverTls(t, "stranger", { http2Options });
  assert.equal(peer.tls?.version, "TLSv1.3");
  assert.equal(peer.tls.certificate, undefined);
});

test("a client without a certificate, where it is optional, has none", { timeout: 10_000 }, async (t) => {
  const peer = await peerOverTls(t, "nobody", {}, { ca, clientAuth: "request" });
  assert.ok(peer.tls !== undefined && peer.tls.certificate === undefined);
});

// contract: PE-certificate
test("what calls of one connection share cannot be changed", { timeout: 10_000 }, async (t) => {
  const { port, peers } = await servePeers(t, { tls: { ...identity("server"), ca } });
  const nodeOptions = { ca, ...identity("workload") };
  const transport = createGrpcTransport({ baseUrl: `https://localhost:${port}`, nodeOptions });
  const client = createClient(EchoService, transport);
  await client.echo({});
  const first = peers[0]?.tls?.certificate;
  assert.ok(first !== undefined);
  first.raw.fill(0);
  first.validTo.setTime(0);
  assert.throws(() => (first.subjectAltNames.uri as string[]).push("spiffe://example.org/admin"), TypeError);
  assert.throws(() => Object.assign(first, { spiffeId: "spiffe://example.org/admin" }), TypeError);
  assert.throws(() => Object.assign(peers[0]?.tls as object, { certificate: undefined }), TypeError);
  await client.echo({});
  const second = peers[1]?.tls?.certificate;
  assert.equal(second, first, "it is read once for a connection");
  assert.ok(second.validTo.getTime() > 0 && second.raw.some((byte) => byte !== 0));
});

// contract: PE-after
test("a peer that was looked at can be read when the call is over", { timeout: 10_000 }, async (t) => {
  const { url, only } = await servePeers(t);
  await createClient(EchoService, createConnectTransport({ baseUrl: url, httpVersion: "2" })).echo({});
  const before = JSON.stringify(only());
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(JSON.stringify(only()), before);
});

// contract: PE-after
test("a peer that nobody has looked at before the response is unknown", { timeout: 10_000 }, async (t) => {
  const contexts: Context[] = [];
  const echo = (_: unknown, context: Context) => {
    contexts.push(context);
    return {};
  };
  const { url } = await serveEcho(t, { echo: echo as never });
  await createClient(EchoService, createConnectTransport({ baseUrl: url, httpVersion: "2" })).echo({});
  assert.deepEqual([contexts[0]?.peer.transport, contexts[0]?.values.get(peerKey).transport], ["unknown", "unknown"]);
  assert.equal(contexts[0]?.peer.tls?.certificate?.spiffeId, undefined);
});

for (const [what, httpVersion] of [
  ["a reset", "2"],
  ["the end of the connection", "1.1"],
] as const) {
  // contract: PE-after
  test(`after an abort by ${what} a peer can still be looked at for the first time`, { timeout: 10_000 }, async (t) => {
    const seen: Peer[] = [];
    const over = deferred<void>();
    const logging: Interceptor = (next) => async (request) => {
      try {
        return await next(request);
      } finally {
        await new Promise((resolve) => setTimeout(resolve, 20));
        seen.push(request.contextValues.get(peerKey));
        over.resolve();
      }
    };
    const started = deferred<void>();
    const echo = (_: unknown, { signal }: Context) => {
      started.resolve();
      return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    };
    const { url } = await serveEcho(t, { echo: echo as never }, { interceptors: [logging] });
    const controller = new AbortController();
    const transport = createConnectTransport({ baseUrl: url, httpVersion });
    const call = createClient(EchoService, transport).echo({}, { signal: controller.signal });
    await started.promise;
    controller.abort();
    await assert.rejects(call, (error) => error instanceof ConnectError && error.code === Code.Canceled);
    await over.promise;
    assert.deepEqual([seen[0]?.transport, seen[0]?.address], ["tcp", "127.0.0.1"]);
  });
}

test("a context that is spread has the peer, and a peer can be printed", { timeout: 10_000 }, async (t) => {
  let spread: Peer | undefined;
  let printed = "";
  const echo = (_: unknown, context: Context) => {
    spread = { ...context }.peer;
    printed = inspect(context.peer);
    return {};
  };
  const { url } = await serveEcho(t, { echo: echo as never });
  await createClient(EchoService, createConnectTransport({ baseUrl: url, httpVersion: "1.1" })).echo({});
  assert.equal(spread?.address, "127.0.0.1");
  assert.match(printed, /transport: 'tcp'/);
  assert.match(printed, /httpVersion: '1.1'/);
});

for (const client of plainClients) {
  // contract: PE-http
  test(`${client.name}: fetch and httpHandler get the peer`, { timeout: 10_000 }, async (t) => {
    const peers: Peer[] = [];
    const reading: ProtocolRegistration = {
      name: "reading",
      register() {},
      httpHandler(request, response) {
        if (request.url !== "/node") return false;
        // As Express does.
        Object.setPrototypeOf(request, Object.create(Object.getPrototypeOf(request)));
        peers.push(peerOf(request));
        response.end();
        return true;
      },
    };
    const { port } = await serve(t, {
      services: [],
      protocols: [reading],
      fetch: (_, { peer }) => {
        peers.push(peer);
        return new Response();
      },
      ...(client.secure ? { tls: identity("server") } : {}),
    });
    for (const path of ["/node", "/fetch"]) await client.send(port, { path }, client.secure ? ca : undefined);
    assert.equal(peers.length, 2);
    for (const peer of peers) {
      assert.deepEqual([peer.transport, peer.localPort, peer.httpVersion], ["tcp", port, client.httpVersion]);
      assert.equal(peer.tls?.serverName, client.secure ? "localhost" : undefined);
    }
  });
}

test("peerOf takes nothing but requests", () => {
  assert.throws(() => peerOf({} as never), {
    name: "TypeError",
    message: "peerOf: the argument must be the request of an httpHandler, not an object",
  });
  assert.throws(() => peerOf(undefined as never), TypeError);
});
