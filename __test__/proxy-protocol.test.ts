// The PROXY protocol: who begins with a header, what it tells, and who is refused.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { connect, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { type CreateServerOptions, createServer, type Peer, type ProtocolRegistration, peerOf } from "@connectum/core";
import { EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";
import { certificate, identity } from "./support/certificates.ts";
import { eventually } from "./support/eventually.ts";
import { proxyV1, proxyV2, proxyV2Raw } from "./support/proxy-header.ts";
import { exchangeHttp1, http1Request } from "./support/raw-http1.ts";
import { serve } from "./support/serve.ts";
import { socketPath } from "./support/unix-socket.ts";

const ca = certificate("ca.crt");

/** A server that keeps the peers of its requests, and the lines of its log. */
async function servePeers(t: TestContext, options: Partial<CreateServerOptions>) {
  const peers: Peer[] = [];
  const remotes: (string | undefined)[] = [];
  const warnings: string[] = [];
  const ignore = () => {};
  const logger = { debug: ignore, info: ignore, warn: (line: string) => void warnings.push(line), error: ignore };
  const reading: ProtocolRegistration = {
    name: "reading",
    register() {},
    httpHandler(request, response) {
      peers.push(peerOf(request));
      remotes.push(request.socket.remoteAddress);
      response.end("ok");
      return true;
    },
  };
  const echo = (_: unknown, { peer }: { peer: Peer }) => {
    peers.push(peer);
    return {};
  };
  const served = await serve(t, {
    services: [(router) => router.service(EchoService, { echo: echo as never })],
    protocols: [reading],
    logger,
    ...options,
  });
  return { ...served, peers, remotes, warnings };
}

const get = http1Request({ method: "GET", target: "/", headers: [["host", "localhost"]] });

/** Sends a header, and a request behind it; returns the status, or how the connection ended without one. */
async function send(port: number, header: Uint8Array, options: { timeoutMs?: number } = {}) {
  const { status, end } = await exchangeHttp1(port, Buffer.concat([header, get]), options);
  return status ?? end;
}

/** A connection that begins with a header. */
async function connected(to: number | string, header: Uint8Array): Promise<Socket> {
  const socket = typeof to === "string" ? connect(to) : connect(to, "127.0.0.1");
  await once(socket, "connect");
  socket.setNoDelay(true);
  socket.write(header);
  return socket;
}

const tls = { ...identity("server"), ca, clientAuth: "request" } as const;

for (const [version, header] of [
  ["version 1", proxyV1("192.0.2.9", 4242)],
  ["version 2", proxyV2("192.0.2.9", 4242)],
  ["version 2 with more behind the addresses", proxyV2("192.0.2.9", 4242, { tlvs: Buffer.alloc(300, 7) })],
] as const) {
  // contract: PE-proxy
  test(`${version}: the header tells the client, in every way`, { timeout: 20_000 }, async (t) => {
    const { port, peers, remotes } = await servePeers(t, { proxyProtocol: true });
    assert.equal(await send(port, header), 200);
    const [peer] = peers;
    assert.ok(peer?.transport === "tcp");
    assert.deepEqual([peer.address, peer.port], ["192.0.2.9", 4242]);
    assert.deepEqual([peer.localAddress, peer.localPort], ["198.51.100.1", 443]);
    assert.equal(peer.proxy?.address, "127.0.0.1");
    assert.deepEqual(remotes, ["192.0.2.9"]);
  });

  test(`${version}: gRPC over HTTP/2, and over TLS with a client certificate`, { timeout: 20_000 }, async (t) => {
    for (const options of [{}, { tls }]) {
      const { port, peers } = await servePeers(t, { proxyProtocol: true, ...options });
      const socket = await connected(port, header);
      const isSecure = "tls" in options;
      const session = isSecure
        ? connectTls({ socket, host: "localhost", ca, ...identity("workload"), ALPNProtocols: ["h2"] })
        : socket;
      const baseUrl = `${isSecure ? "https" : "http"}://localhost:${port}`;
      const transport = createGrpcTransport({ baseUrl, nodeOptions: { createConnection: () => session } });
      await createClient(EchoService, transport).echo({}, { timeoutMs: 5_000 });
      session.destroy();
      const [peer] = peers;
      assert.deepEqual([peer?.address, peer?.port, peer?.httpVersion], ["192.0.2.9", 4242, "2.0"]);
      const spiffeId = peer?.tls?.certificate?.spiffeId;
      assert.equal(spiffeId, isSecure ? "spiffe://example.org/orders" : undefined);
    }
  });

  test(`${version}: the header may come in two pieces, cut anywhere`, { timeout: 30_000 }, async (t) => {
    const { port, peers } = await servePeers(t, { proxyProtocol: true });
    const bytes = Buffer.concat([header, get]);
    const cuts = Array.from({ length: Math.min(header.length + 4, 64) }, (_, cut) => cut + 1);
    const answers = cuts.map(async (cut) => {
      const socket = await connected(port, bytes.subarray(0, cut));
      // Long enough that the two pieces are two reads.
      await sleep(20);
      socket.write(bytes.subarray(cut));
      const [answer] = (await once(socket, "data")) as [Buffer];
      socket.destroy();
      return answer.toString("latin1", 0, 12);
    });
    assert.deepEqual(await Promise.all(answers), Array(cuts.length).fill("HTTP/1.1 200"));
    assert.deepEqual([...new Set(peers.map(({ address }) => address))], ["192.0.2.9"]);
  });
}

test("an address of IPv6", { timeout: 10_000 }, async (t) => {
  const { port, peers } = await servePeers(t, { proxyProtocol: true });
  assert.equal(await send(port, proxyV1("2001:db8::9", 4242, "2001:db8::1")), 200);
  assert.deepEqual([peers[0]?.address, peers[0]?.localAddress], ["2001:db8::9", "2001:db8::1"]);
});

for (const [what, header] of [
  ["UNKNOWN of version 1", Buffer.from("PROXY UNKNOWN\r\n")],
  ["LOCAL of version 2", proxyV2Raw(0x20, 0x00, Buffer.alloc(0))],
  ["LOCAL with addresses", proxyV2("192.0.2.9", 4242, { command: 0 })],
  ["an unspecified family", proxyV2Raw(0x21, 0x00, Buffer.alloc(0))],
  ["addresses of Unix sockets", proxyV2Raw(0x21, 0x31, Buffer.alloc(216, 7))],
] as const) {
  // contract: PE-proxy
  test(`${what}: the address of the socket stays`, { timeout: 10_000 }, async (t) => {
    const { port, peers } = await servePeers(t, { proxyProtocol: true });
    assert.equal(await send(port, header), 200);
    assert.deepEqual([peers[0]?.address, peers[0]?.localPort, peers[0]?.proxy], ["127.0.0.1", port, undefined]);
  });
}

for (const [what, header, why] of [
  ["no header", Buffer.alloc(0), /did not begin with a PROXY header/],
  ["a malformed one of version 1", Buffer.from("PROXY TCP4 192.0.2.9\r\n"), /malformed PROXY header/],
  ["an address that is none", Buffer.from("PROXY TCP4 300.0.2.9 10.0.0.1 1 2\r\n"), /malformed PROXY header/],
  ["one of version 1 that is too long", Buffer.from(`PROXY UNKNOWN ${"x".repeat(200)}\r\n`), /within 107 bytes/],
  ["a malformed one of version 2", proxyV2Raw(0x21, 0x11, Buffer.alloc(3)), /malformed PROXY header/],
  ["an unknown version", proxyV2Raw(0x31, 0x11, Buffer.alloc(12)), /malformed PROXY header/],
  ["one of version 2 that is too long", proxyV2Raw(0x21, 0x11, Buffer.alloc(65_535)), /more than 4096/],
  ["a TLS handshake", Buffer.from([0x16, 3, 1, 0, 5]), /did not begin with a PROXY header/],
] as const) {
  // contract: PE-proxy-refused
  test(`${what}: the connection is refused, and the log says why`, { timeout: 10_000 }, async (t) => {
    const { port, peers, warnings } = await servePeers(t, { proxyProtocol: true });
    assert.equal(await send(port, header), "closed");
    await eventually(() => warnings.length === 1, "a line in the log");
    assert.match(warnings[0] ?? "", /^a connection from 127\.0\.0\.1:\d+ was refused: it /);
    assert.match(warnings[0] ?? "", why);
    assert.equal(peers.length, 0);
    assert.equal(await send(port, proxyV1("192.0.2.9", 1)), 200, "others are served");
  });
}

test("a probe that sends nothing is not worth a line", { timeout: 10_000 }, async (t) => {
  const { port, warnings } = await servePeers(t, { proxyProtocol: true });
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.end();
  await once(socket.resume(), "close");
  assert.equal(await send(port, proxyV1("192.0.2.9", 1)), 200);
  assert.deepEqual(warnings, []);
});

// contract: PE-proxy-refused
test("a header that does not come within detectionTimeout is not waited for", { timeout: 10_000 }, async (t) => {
  const { port, warnings } = await servePeers(t, { proxyProtocol: true, detectionTimeout: 200 });
  const begin = performance.now();
  const socket = await connected(port, Buffer.from("PROXY TCP4 192.0"));
  await once(socket.resume(), "close");
  assert.ok(performance.now() - begin >= 190);
  await eventually(() => warnings.length === 1, "a line in the log");
  assert.match(warnings[0] ?? "", /no whole PROXY header within 200 ms/);
});

test("a header in front of a drain does not hold it up", { timeout: 10_000 }, async (t) => {
  const { port, server } = await servePeers(t, { proxyProtocol: true, shutdown: { timeout: 5_000 } });
  await connected(port, Buffer.from("PROXY"));
  await sleep(50);
  const begin = performance.now();
  await server.stop();
  assert.ok(performance.now() - begin < 3_000);
});

// contract: PE-proxy-refused
test("with networks, clients inside must bring it", { timeout: 10_000 }, async (t) => {
  const { port, peers } = await servePeers(t, { proxyProtocol: ["10.0.0.0/8", "127.0.0.0/8"] });
  assert.equal(await send(port, proxyV2("192.0.2.9", 4242)), 200);
  assert.equal(await send(port, Buffer.alloc(0)), "closed");
  assert.deepEqual(
    peers.map(({ address }) => address),
    ["192.0.2.9"],
  );
});

for (const [version, header] of [
  ["version 1", proxyV1("192.0.2.9", 4242)],
  ["version 2", proxyV2("192.0.2.9", 4242)],
] as const) {
  // contract: PE-proxy-refused
  test(`with networks, ${version} from a client outside is a bad request`, { timeout: 10_000 }, async (t) => {
    const { port, peers } = await servePeers(t, { proxyProtocol: ["10.0.0.0/8", "unix"] });
    assert.equal(await send(port, Buffer.alloc(0)), 200, "without it he is served");
    assert.equal(await send(port, header), 400);
    assert.deepEqual(
      peers.map(({ address }) => address),
      ["127.0.0.1"],
    );
  });
}

test("without the option a header is a bad request", { timeout: 10_000 }, async (t) => {
  for (const proxyProtocol of [undefined, false]) {
    const { port } = await servePeers(t, { proxyProtocol });
    assert.equal(await send(port, proxyV1("192.0.2.9", 4242)), 400);
  }
});

// contract: LI-listeners
test("each listener has its own", { timeout: 10_000 }, async (t) => {
  const { server } = await servePeers(t, {
    ...{ port: undefined, host: undefined },
    listeners: [
      { port: 0, host: "127.0.0.1" },
      { port: 0, host: "127.0.0.1", proxyProtocol: true },
    ],
  });
  const [plain, proxied] = server.addresses.map((address) => (typeof address === "string" ? 0 : address.port));
  const header = proxyV1("192.0.2.9", 1);
  assert.deepEqual([await send(plain as number, header), await send(proxied as number, header)], [400, 200]);
});

test("over a Unix socket the told client has an address, and the proxy a process", { timeout: 10_000 }, async (t) => {
  for (const proxyProtocol of [true, ["unix"]] as const) {
    const path = socketPath(t);
    const peers: Peer[] = [];
    const fetch: CreateServerOptions["fetch"] = (_, { peer }) => {
      peers.push(peer);
      return new Response();
    };
    const server = createServer({ path, services: [], proxyProtocol, fetch });
    await server.start();
    t.after(() => server.stop());
    const socket = await connected(path, Buffer.concat([proxyV1("192.0.2.9", 4242), get]));
    await once(socket, "data");
    socket.destroy();
    assert.deepEqual([peers[0]?.transport, peers[0]?.address], ["tcp", "192.0.2.9"]);
    assert.deepEqual([peers[0]?.proxy?.path, peers[0]?.proxy?.credentials?.pid], [path, process.pid]);
  }
});

// contract: PE-proxy
test("maxConnectionsPerAddress counts the told clients, and not their proxy", { timeout: 20_000 }, async (t) => {
  const { port, warnings } = await servePeers(t, { proxyProtocol: true, maxConnectionsPerAddress: 2 });
  const sockets: Socket[] = [];
  t.after(() => {
    for (const socket of sockets) socket.destroy();
  });
  /** Whether a connection of a told client is served; it stays open. */
  const isServed = async (address: string) => {
    const socket = await connected(port, Buffer.concat([proxyV1(address, 4242), get]));
    sockets.push(socket);
    return Promise.race([once(socket, "data").then(() => true), once(socket, "end").then(() => false)]);
  };
  for (const address of ["192.0.2.1", "192.0.2.2", "192.0.2.3"]) {
    assert.deepEqual([await isServed(address), await isServed(address)], [true, true], address);
  }
  assert.equal(await isServed("192.0.2.1"), false);
  await eventually(() => /maxConnectionsPerAddress \(2\)/.test(warnings[0] ?? ""), "a line in the log");
  sockets[0]?.destroy();
  await eventually(() => isServed("192.0.2.1"), "there is room again");
});

test("maxConnections counts those whose header has not come", { timeout: 20_000 }, async (t) => {
  const { port } = await servePeers(t, { proxyProtocol: true, maxConnections: 2 });
  const waiting = [await connected(port, Buffer.from("P")), await connected(port, Buffer.from("P"))];
  await sleep(50);
  assert.equal(await send(port, proxyV1("192.0.2.9", 1)), "closed");
  for (const socket of waiting) socket.destroy();
  await eventually(async () => (await send(port, proxyV1("192.0.2.9", 1))) === 200, "there is room again");
});

test("an HTTP/2 connection of a browser's kind, by Node's client", { timeout: 10_000 }, async (t) => {
  const { port, peers } = await servePeers(t, { proxyProtocol: true, tls: identity("server") });
  const socket = await connected(port, proxyV2("192.0.2.9", 4242));
  const session = connectHttp2(`https://localhost:${port}`, {
    createConnection: () => connectTls({ socket, host: "localhost", ca, ALPNProtocols: ["h2"] }),
  });
  const stream = session.request({ ":path": "/" }).resume();
  const [{ ":status": status }] = await once(stream, "response");
  session.destroy();
  assert.deepEqual([status, peers[0]?.address, peers[0]?.tls?.alpn], [200, "192.0.2.9", "h2"]);
});
