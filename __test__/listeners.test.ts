// A server with several listeners: each speaks what its options say, and all of them start and drain together.
import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { connect as connectHttp2 } from "node:http2";
import { get } from "node:https";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { test } from "node:test";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import type { CreateServerOptions } from "@connectum/core";
import { EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";
import { certificate, certificatePath, identity } from "./support/certificates.ts";
import { deferred } from "./support/deferred.ts";
import { echoAll } from "./support/echo-calls.ts";
import { listen, startError } from "./support/listen.ts";
import { freePort, isOpen } from "./support/ports.ts";
import { getHttp1, getHttp2, refusalOf, socketPath } from "./support/unix-socket.ts";

const host = "127.0.0.1";
const tls = identity("server");
const ca = certificate("ca.crt");

const echo: CreateServerOptions["services"] = [(router) => router.service(EchoService, echoAll)];

async function statusOf(url: string): Promise<number | undefined> {
  return (await fetch(url).catch(() => undefined))?.status;
}

async function http2StatusOf(port: number): Promise<number | undefined> {
  const session = connectHttp2(`http://127.0.0.1:${port}`).on("error", () => {});
  try {
    const stream = session
      .request({ ":path": "/" })
      .on("error", () => {})
      .resume();
    const [{ ":status": status }] = await once(stream, "response");
    return Number(status);
  } catch {
    return undefined; // It is refused.
  } finally {
    session.destroy();
  }
}

// contract: LI-listeners, LI-addresses, LI-line
test("TLS beside cleartext, and HTTP/2 beside HTTP/1.1: each listener speaks what it is told", {
  timeout: 20_000,
}, async (t) => {
  const { server, lines } = await listen(t, {
    services: echo,
    transportValidation: "off",
    listeners: [
      { port: 0, host },
      { port: 0, host, tls },
      { port: 0, host, allowHTTP1: false },
      { port: 0, host, allowH2C: false },
    ],
  });
  const addresses = server.addresses as readonly AddressInfo[];
  const [both, secure, http2, http1] = addresses.map(({ port }) => port);
  assert.ok(both && secure && http2 && http1);
  assert.deepEqual(server.address, { address: host, family: "IPv4", port: both });
  assert.deepEqual(server.transport?.address(), server.address);
  assert.deepEqual(
    lines.filter((line) => line.startsWith("info: ")),
    addresses.map(({ port }) => `info: Server listening 127.0.0.1:${port}`),
  );
  assert.throws(() => (server.addresses as unknown[]).push("more"), { name: "TypeError" });
  for (const [port, overHttp1, overHttp2] of [
    [both, 404, 404],
    [http2, 505, 404],
    [http1, 404, undefined],
  ] as const) {
    assert.deepEqual([await statusOf(`http://127.0.0.1:${port}/`), await http2StatusOf(port)], [overHttp1, overHttp2]);
  }
  assert.equal(await statusOf(`http://127.0.0.1:${secure}/`), undefined, "no cleartext beside TLS");
  const [response] = await once(get({ host: "localhost", port: secure, ca, agent: false }), "response");
  assert.equal(response.resume().statusCode, 404);
  const transport = createGrpcTransport({ baseUrl: `https://localhost:${secure}`, nodeOptions: { ca } });
  assert.equal((await createClient(EchoService, transport).echo({ text: "secret" })).text, "secret");
  await server.stop();
  assert.deepEqual([server.address, server.addresses], [null, []]);
});

// contract: LI-listeners, LI-addresses
test("a Unix socket beside a port", { timeout: 20_000 }, async (t) => {
  const path = socketPath(t);
  const { server, lines } = await listen(t, { listeners: [{ path }, { port: 0, host }] });
  const { port } = server.address ?? assert.fail();
  assert.deepEqual(server.addresses, [path, { address: host, family: "IPv4", port }], "address is the first of TCP");
  assert.deepEqual(lines, [`info: Server listening unix:${path}`, `info: Server listening 127.0.0.1:${port}`]);
  assert.deepEqual([(await getHttp1(path)).status, await getHttp2(path)], [404, 404]);
  assert.equal(await statusOf(`http://127.0.0.1:${port}/`), 404);
});

// contract: LI-one-fails
test("if one listener cannot listen, none does", { timeout: 20_000 }, async (t) => {
  const { server: occupant } = await listen(t, { port: 0, host });
  const taken = occupant.address?.port ?? 0;
  const [path, free] = [socketPath(t), await freePort()];
  const error = await startError({ listeners: [{ path }, { port: free, host }, { port: taken, host }] });
  assert.deepEqual(
    [error.code, error.message],
    ["EADDRINUSE", `listen EADDRINUSE: address already in use 127.0.0.1:${taken}`],
  );
  assert.deepEqual([existsSync(path), await isOpen(free), await isOpen(taken)], [false, false, true]);
  // Twice the same one.
  assert.equal((await startError({ listeners: [{ path }, { path }] })).code, "EADDRINUSE");
  assert.equal(existsSync(path), false);
});

// contract: LI-drain
test("draining closes every listener at once, and waits for the calls of all", {
  timeout: 20_000,
}, async (t) => {
  const path = socketPath(t);
  const begun = deferred();
  const end = deferred();
  let calls = 0;
  const { server } = await listen(t, {
    services: [
      (router) =>
        router.service(EchoService, {
          async echo({ text }) {
            calls += 1;
            if (calls === 2) begun.resolve();
            await end.promise;
            return { text };
          },
        }),
    ],
    listeners: [{ port: 0, host }, { path }],
    shutdown: { timeout: 10_000 },
  });
  const { connect } = await import("node:net");
  const { port } = server.address ?? assert.fail();
  const overTcp = createGrpcTransport({ baseUrl: `http://127.0.0.1:${port}` });
  const nodeOptions = { createConnection: () => connect(path) };
  const overUnix = createGrpcTransport({ baseUrl: "http://localhost", nodeOptions });
  const answers = Promise.all(
    [overTcp, overUnix].map((transport, index) => createClient(EchoService, transport).echo({ text: String(index) })),
  );
  await begun.promise;
  const stopping = server.stop();
  while ((await isOpen(port)) || (await refusalOf(path)) === undefined) assert.equal(server.state, "stopping");
  assert.equal(server.state, "stopping", "it waits for the calls");
  end.resolve();
  assert.deepEqual(
    (await answers).map(({ text }) => text),
    ["0", "1"],
  );
  await stopping;
  assert.equal(server.state, "stopped");
});

// contract: LI-transports
test("bidi methods are checked for each listener, with one error or warning for all", {
  timeout: 10_000,
}, async (t) => {
  const http1 = { port: 0, host, allowH2C: false };
  const listeners = [{ port: 0, host }, http1, http1];
  const error = await startError({ services: echo, listeners });
  assert.equal(error.code, "CONNECTUM_UNSUPPORTED_STREAMING_TRANSPORT");
  const warn = t.mock.method(console, "warn", () => {});
  await listen(t, { services: echo, listeners, transportValidation: "warn" });
  assert.equal(warn.mock.callCount(), 1);
  await listen(t, {
    services: echo,
    listeners: [
      { port: 0, host },
      { ...http1, tls },
    ],
  });
  assert.equal(warn.mock.callCount(), 1, "over TLS there is HTTP/2");
});

// contract: LI-listeners
test("PORT and LISTEN are not for listeners", { timeout: 10_000 }, async (t) => {
  const { LISTEN, PORT } = process.env;
  t.after(() => {
    for (const [name, value] of Object.entries({ LISTEN, PORT })) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });
  Object.assign(process.env, { LISTEN: "no.such.host.invalid", PORT: "not a port" });
  const { server } = await listen(t, { listeners: [{ port: 0 }] });
  assert.equal(server.address?.address, "0.0.0.0");
});

// contract: LI-listeners
test("an error about certificates says which listener has them", { timeout: 10_000 }, async () => {
  const withTls = (options: object) =>
    startError({
      listeners: [
        { port: 0, host },
        { port: 0, host, tls: options },
      ],
    });
  const { message } = await withTls({ certPath: certificatePath("server.crt") });
  assert.equal(
    message,
    "createServer: listeners[1].tls.keyPath is missing: listeners[1].tls.certPath is given, so both " +
      "listeners[1].tls.keyPath and listeners[1].tls.certPath are needed",
  );
  const expired = await withTls({ cert: certificate("expired.crt"), key: tls.key });
  assert.match(expired.message, /^listeners\[1\]\.tls\.cert: certificate 1 /);
});

// contract: LI-listeners
test("an option of TLS in http2Options has an effect if one listener has TLS", { timeout: 10_000 }, async (t) => {
  const warnings = async (listeners: CreateServerOptions["listeners"]) => {
    const { lines } = await listen(t, { listeners, http2Options: { minVersion: "TLSv1.3" } });
    return lines.filter((line) => line.startsWith("warn: "));
  };
  assert.deepEqual(
    await warnings([
      { port: 0, host },
      { port: 0, host, tls },
    ]),
    [],
  );
  assert.deepEqual(await warnings([{ port: 0, host }]), ["warn: createServer: http2Options: no effect: minVersion"]);
});
