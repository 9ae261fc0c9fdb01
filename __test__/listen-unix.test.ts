// A server on a Unix socket: it serves there what it serves on a port, and treats the file with care.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, lstatSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { request as requestHttps } from "node:https";
import { connect, createServer as createNetServer } from "node:net";
import { dirname, join } from "node:path";
import process from "node:process";
import { type TestContext, test } from "node:test";
import { connect as connectTls } from "node:tls";
import { Worker } from "node:worker_threads";
import { Code, createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import type { CreateServerOptions, ProtocolRegistration } from "@connectum/core";
import { Healthcheck } from "@connectum/healthcheck";
import { Health } from "@connectum/healthcheck/proto";
import { Client, credentials } from "@grpc/grpc-js";
import { EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";
import { certificate, identity } from "./support/certificates.ts";
import { deferred } from "./support/deferred.ts";
import { collect, echoAll, texts } from "./support/echo-calls.ts";
import { eventually } from "./support/eventually.ts";
import { type Listening, listen, startError } from "./support/listen.ts";
import { startProgram } from "./support/program.ts";
import { connected, getHttp1, getHttp2, refusalOf, socketPath } from "./support/unix-socket.ts";

/** Serves the echo service with all kinds of calls. */
function serveEchoAt(t: TestContext, options: Partial<CreateServerOptions>): Promise<Listening> {
  return listen(t, { ...options, services: [(router) => router.service(EchoService, echoAll)] });
}

/** Every protocol over every version of HTTP that connect-node has for it. */
function transportsTo(path: string) {
  const baseUrl = "http://localhost";
  const http1 = { baseUrl, httpVersion: "1.1", nodeOptions: { socketPath: path } } as const;
  const http2 = { baseUrl, httpVersion: "2", nodeOptions: { createConnection: () => connect(path) } } as const;
  return {
    "Connect over HTTP/1.1": createConnectTransport(http1),
    "Connect over HTTP/2": createConnectTransport(http2),
    "gRPC-Web over HTTP/1.1": createGrpcWebTransport(http1),
    "gRPC-Web over HTTP/2": createGrpcWebTransport(http2),
    gRPC: createGrpcTransport({ baseUrl, nodeOptions: http2.nodeOptions }),
  };
}

// contract: LI-path, LI-addresses, LI-line
test("every protocol and both versions of HTTP are served on a Unix socket", { timeout: 20_000 }, async (t) => {
  const path = socketPath(t);
  const { server, lines } = await serveEchoAt(t, { path });
  assert.deepEqual([server.address, server.addresses, server.transport?.address()], [null, [path], null]);
  assert.deepEqual(lines, [`info: Server listening unix:${path}`]);
  assert.ok(lstatSync(path).isSocket());
  for (const [name, transport] of Object.entries(transportsTo(path))) {
    const client = createClient(EchoService, transport);
    assert.deepEqual((await client.echo({ text: "hello" })).text, "hello", name);
    assert.deepEqual(
      await collect(client.echoServerStream({ text: "x" })),
      [
        ["x", 0],
        ["x", 1],
      ],
      name,
    );
    assert.deepEqual((await client.echoClientStream(texts("a", "b"))).text, "a,b", name);
    if (name.endsWith("1.1")) continue;
    assert.deepEqual(
      await collect(client.echoBidiStream(texts("a", "b"))),
      [
        ["a", 0],
        ["b", 1],
      ],
      name,
    );
  }
  assert.deepEqual([(await getHttp1(path)).status, await getHttp2(path)], [404, 404]);
  await server.stop();
  assert.deepEqual([server.address, server.addresses, existsSync(path)], [null, [], false]);
});

// contract: LI-path
test("grpc-js and health find the server at unix:<path>", { timeout: 10_000 }, async (t) => {
  const path = socketPath(t);
  await listen(t, { path, protocols: [Healthcheck({ httpEnabled: true })] });
  const health = createClient(Health, transportsTo(path).gRPC);
  assert.equal((await health.check({})).status, 2, "not serving: nothing has said otherwise");
  assert.equal((await getHttp1(path, "/healthz")).status, 503);
  const client = new Client(`unix:${path}`, credentials.createInsecure());
  t.after(() => client.close());
  const bytes = (buffer: Buffer) => buffer;
  const response = await new Promise<Buffer | undefined>((resolve, reject) => {
    client.makeUnaryRequest("/grpc.health.v1.Health/Check", bytes, bytes, Buffer.alloc(0), (error, value) => {
      if (error === null) resolve(value);
      else reject(error);
    });
  });
  assert.deepEqual(response, Buffer.from([8, 2]));
});

// contract: LI-path
test("TLS works on a Unix socket, and the log names it when a handshake fails", {
  timeout: 10_000,
}, async (t) => {
  const path = socketPath(t);
  const { lines } = await serveEchoAt(t, { path, tls: identity("server") });
  const ca = certificate("ca.crt");
  const sent = requestHttps({ socketPath: path, servername: "localhost", ca, path: "/", agent: false }).end();
  const [response] = await once(sent, "response");
  assert.equal(response.resume().statusCode, 404);
  const nodeOptions = {
    createConnection: () => connectTls({ path, servername: "localhost", ca, ALPNProtocols: ["h2"] }),
  };
  const client = createClient(EchoService, createGrpcTransport({ baseUrl: "https://localhost", nodeOptions }));
  assert.equal((await client.echo({ text: "secret" })).text, "secret");
  const socket = await connected(path);
  socket.end("GET / HTTP/1.1\r\n\r\n").resume();
  await once(socket, "close");
  const failed = () =>
    lines.some((line) => line.startsWith(`warn: TLS handshake with a client of unix:${path} failed`));
  await eventually(failed, "the log says that the handshake failed");
});

// contract: LI-host
test("unix: in host and in LISTEN are the same as path", { timeout: 10_000 }, async (t) => {
  for (const host of ["unix:", "unix://"]) {
    const path = socketPath(t);
    const { server } = await listen(t, { host: `${host}${path}` });
    assert.deepEqual([server.addresses, (await getHttp1(path)).status], [[path], 404]);
  }
  const { LISTEN, PORT } = process.env;
  t.after(() => {
    for (const [name, value] of Object.entries({ LISTEN, PORT })) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });
  const path = socketPath(t);
  Object.assign(process.env, { LISTEN: `unix:${path}`, PORT: "not a port" });
  const first = await listen(t, {});
  assert.deepEqual(first.server.addresses, [path], "PORT is not read");
  await first.server.stop();
  const { server } = await listen(t, { port: 5000 });
  assert.deepEqual(server.addresses, [path], "the operator's decision wins over the program's port");
  process.env["LISTEN"] = `unix:/${"x".repeat(200)}`;
  assert.match((await startError({})).message, /the path in the variable LISTEN must have at most \d+ bytes/);
});

// contract: LI-peer
test("a client of a Unix socket has no address, and the host is localhost unless it says so", {
  timeout: 10_000,
}, async (t) => {
  const path = socketPath(t);
  const seen: unknown[] = [];
  const plain: ProtocolRegistration = {
    name: "plain",
    register() {},
    httpHandler: (request, response) => {
      const { remoteAddress, remoteFamily, remotePort } = request.socket;
      seen.push([request.headers.host, remoteAddress, remoteFamily, remotePort]);
      response.end("ok");
      return true;
    },
  };
  const services: CreateServerOptions["services"] = [
    (router) => router.service(EchoService, { echo: (_, { url }) => ({ text: url }) }),
  ];
  await listen(t, { path, services, protocols: [plain] });
  assert.equal((await getHttp1(path, "/plain")).body, "ok");
  assert.equal(await getHttp2(path, "/plain"), 200);
  assert.deepEqual(seen, [
    ["localhost", undefined, undefined, undefined],
    ["localhost:80", undefined, undefined, undefined],
  ]);
  const socket = await connected(path);
  const target = "/connectum.test.v1.EchoService/Echo";
  socket.write(`POST ${target} HTTP/1.0\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}`);
  let answer = "";
  for await (const chunk of socket.setEncoding("utf8")) answer += chunk;
  assert.match(answer, /^HTTP\/1\.0 200 /);
  assert.equal(JSON.parse(answer.slice(answer.indexOf("\r\n\r\n"))).text, `http://localhost${target}`);
});

/** A socket on which nobody listens any more. */
async function stale(path: string): Promise<void> {
  const server = createNetServer().listen(`${path}.old`);
  await once(server, "listening");
  // Node removes the file whose name it knows.
  renameSync(`${path}.old`, path);
  await new Promise((resolve) => server.close(resolve));
  assert.equal(await refusalOf(path), "ECONNREFUSED");
}

// contract: LI-stale
test("a socket whose server is gone is replaced", { timeout: 10_000 }, async (t) => {
  const path = socketPath(t);
  await stale(path);
  const { server } = await listen(t, { path });
  assert.equal((await getHttp1(path)).status, 404);
  await server.stop();
  assert.equal(existsSync(path), false);
});

// contract: LI-stale
test("a server that runs keeps its socket: EADDRINUSE, with its path", { timeout: 10_000 }, async (t) => {
  const path = socketPath(t);
  await listen(t, { path });
  const { code, syscall, message, ...properties } = await startError({ path });
  assert.deepEqual(
    [code, syscall, message],
    ["EADDRINUSE", "listen", `listen EADDRINUSE: address already in use ${path}`],
  );
  assert.deepEqual(Object.keys(properties).sort(), ["address", "errno", "path"]);
  assert.deepEqual([Reflect.get(properties, "path"), Reflect.get(properties, "address")], [path, path]);
  assert.equal((await getHttp1(path)).status, 404, "it still serves");
  // One of Node's.
  const other = socketPath(t);
  const node = createNetServer().listen(other);
  await once(node, "listening");
  t.after(() => node.close());
  assert.equal((await startError({ path: other })).code, "EADDRINUSE");
  assert.equal(await refusalOf(other), undefined);
});

// contract: LI-stale
test("whatever is no socket is kept", { timeout: 10_000 }, async (t) => {
  const path = socketPath(t);
  const directory = dirname(path);
  writeFileSync(join(directory, "file"), "precious");
  mkdirSync(join(directory, "directory"));
  await stale(join(directory, "stale"));
  symlinkSync("stale", join(directory, "link"));
  symlinkSync("nowhere", join(directory, "dangling"));
  for (const name of ["file", "directory", "link", "dangling"]) {
    const before = lstatSync(join(directory, name)).ino;
    assert.equal((await startError({ path: join(directory, name) })).code, "EADDRINUSE", name);
    assert.equal(lstatSync(join(directory, name)).ino, before, name);
  }
  assert.equal(readFileSync(join(directory, "file"), "utf8"), "precious");
});

// contract: LI-path
test("a directory that does not exist, or that others own: Node's codes, with the path", {
  timeout: 10_000,
}, async (t) => {
  const path = join(dirname(socketPath(t)), "missing", "app.sock");
  const missing = await startError({ path });
  assert.deepEqual(
    [missing.code, missing.syscall, missing.path, missing.message],
    ["ENOENT", "listen", path, `listen ENOENT: no such file or directory ${path}`],
  );
  const below = join(socketPath(t), "app.sock");
  writeFileSync(dirname(below), "");
  assert.equal((await startError({ path: below })).code, "ENOTDIR");
  // Opening it would wait for its other end.
  const pipe = join(dirname(socketPath(t)), "pipe");
  execFileSync("mkfifo", [pipe]);
  assert.equal((await startError({ path: join(pipe, "app.sock") })).code, "ENOTDIR");
  const forbidden = join(dirname(socketPath(t)), "forbidden");
  mkdirSync(forbidden, { mode: 0o500 });
  // Root may do everything.
  if (process.getuid?.() !== 0) {
    assert.equal((await startError({ path: join(forbidden, "app.sock") })).code, "EACCES");
  }
});

// contract: LI-removed
test("a socket that another server has put there meanwhile is not removed", { timeout: 10_000 }, async (t) => {
  const path = socketPath(t);
  const { server } = await listen(t, { path });
  renameSync(path, `${path}.first`);
  const { server: second } = await listen(t, { path });
  await server.stop();
  assert.equal((await getHttp1(path)).status, 404, "the second one's");
  await second.stop();
  assert.equal(existsSync(path), false);
});

// contract: LI-removed, LI-drain
test("a server that drains has removed its socket, so another one can start while its calls end", {
  timeout: 10_000,
}, async (t) => {
  const path = socketPath(t);
  const begun = deferred();
  const end = deferred();
  const { server } = await listen(t, {
    path,
    services: [
      (router) =>
        router.service(EchoService, {
          async echo() {
            begun.resolve();
            await end.promise;
            return { text: "first" };
          },
        }),
    ],
    shutdown: { timeout: 5_000 },
  });
  const call = createClient(EchoService, transportsTo(path).gRPC).echo({});
  await begun.promise;
  const stopping = server.stop();
  await eventually(() => !existsSync(path), "the socket is removed");
  await listen(t, { path });
  assert.equal((await getHttp1(path)).status, 404, "the second server");
  end.resolve();
  assert.equal((await call).text, "first");
  await stopping;
  assert.equal(existsSync(path), true, "that of the second server");
});

// contract: LI-removed
test("the socket of a worker that is terminated is removed", { timeout: 20_000 }, async (t) => {
  const path = socketPath(t);
  const worker = new Worker(new URL("support/server-worker.mjs", import.meta.url), {
    stdout: true,
    workerData: { path },
  });
  await once(worker, "message");
  assert.equal(await refusalOf(path), undefined);
  await worker.terminate();
  await eventually(() => !existsSync(path), "the socket is removed");
});

// contract: LI-removed
test("what a process that was killed has left is replaced by the next one", { timeout: 20_000 }, async (t) => {
  const path = socketPath(t);
  const first = startProgram(t, "listen", [JSON.stringify({ path })]);
  assert.equal(await first.line(/^(listening|failed)/), `listening ${JSON.stringify([path])}`);
  first.kill("SIGKILL");
  await first.exited;
  assert.equal(await refusalOf(path), "ECONNREFUSED");
  const second = startProgram(t, "listen", [JSON.stringify({ path })]);
  assert.equal(await second.line(/^(listening|failed)/), `listening ${JSON.stringify([path])}`);
  second.kill("SIGTERM");
  await second.exited;
  assert.equal(existsSync(path), false);
});

// contract: LI-stale
test("of servers that start at the same time on a stale socket, one gets it and the others EADDRINUSE", {
  timeout: 60_000,
}, async (t) => {
  const path = socketPath(t);
  await stale(path);
  const programs = Array.from({ length: 3 }, () => startProgram(t, "listen", [JSON.stringify({ path })]));
  const outcomes = await Promise.all(programs.map((program) => program.line(/^(listening|failed)/)));
  const failures = outcomes.filter((line) => line.startsWith("failed"));
  assert.equal(failures.length, 2, outcomes.join("\n"));
  for (const line of failures) assert.match(line, /"code":"EADDRINUSE"/);
  assert.equal((await getHttp1(path)).status, 404);
});

// Connections.

// contract: LI-peer
test("clients of a Unix socket count for maxConnections, and not for maxConnectionsPerAddress", {
  timeout: 10_000,
}, async (t) => {
  const path = socketPath(t);
  const { lines } = await listen(t, { path, maxConnections: 3, maxConnectionsPerAddress: 1 });
  const sockets = [await connected(path), await connected(path), await connected(path)];
  const refused = await connected(path);
  await once(refused.resume(), "close");
  assert.ok(
    lines.some((line) => line.includes("maxConnections (3)")),
    lines.join("\n"),
  );
  for (const socket of sockets) {
    assert.equal(socket.destroyed, false);
    socket.destroy();
  }
});

// contract: LI-path
test("a client that goes away ends its call", { timeout: 10_000 }, async (t) => {
  const path = socketPath(t);
  const begun = deferred();
  const ended = deferred<unknown>();
  await listen(t, {
    path,
    services: [
      (router) =>
        router.service(EchoService, {
          echo(_, { signal }) {
            signal.addEventListener("abort", () => ended.resolve(signal.reason.code));
            begun.resolve();
            return new Promise<never>(() => {});
          },
        }),
    ],
    shutdown: { timeout: 0 },
  });
  const socket = await connected(path);
  socket.write(
    "POST /connectum.test.v1.EchoService/Echo HTTP/1.1\r\nhost: localhost\r\n" +
      "content-type: application/json\r\ncontent-length: 2\r\n\r\n{}",
  );
  await begun.promise;
  socket.destroy();
  assert.equal(await ended.promise, Code.Canceled);
});

// contract: LI-path
test("a client that reads nothing is given up after responseTimeout", { timeout: 20_000 }, async (t) => {
  const path = socketPath(t);
  const ended = deferred();
  const { lines } = await listen(t, {
    path,
    responseTimeout: 400,
    services: [
      (router) =>
        router.service(EchoService, {
          async *echoServerStream(_, { signal }) {
            signal.addEventListener("abort", () => ended.resolve());
            for (;;) yield { payload: new Uint8Array(100_000) };
          },
        }),
    ],
    shutdown: { timeout: 0 },
  });
  const socket = await connected(path);
  const message = Buffer.from("\0\0\0\0\x02{}", "latin1");
  socket.pause();
  socket.write(
    "POST /connectum.test.v1.EchoService/EchoServerStream HTTP/1.1\r\nhost: localhost\r\n" +
      `content-type: application/connect+json\r\ncontent-length: ${message.length}\r\n\r\n`,
  );
  socket.write(message);
  await ended.promise;
  await eventually(() => lines.some((line) => line.includes("its client took nothing for 400 ms")), "the log says so");
  socket.destroy();
});

// contract: LI-path
test("an early response reaches a client that is still sending", { timeout: 10_000 }, async (t) => {
  const path = socketPath(t);
  await listen(t, { path });
  const socket = await connected(path);
  socket.write("POST /nowhere HTTP/1.1\r\nhost: localhost\r\ncontent-length: 10000000\r\n\r\n");
  const sent = setInterval(() => socket.write(Buffer.alloc(100_000)), 1);
  let answer = "";
  socket.on("error", () => {}); // It is closed while the client sends.
  for await (const chunk of socket.setEncoding("utf8")) {
    answer += chunk;
    if (answer.includes("\r\n\r\n")) break;
  }
  clearInterval(sent);
  assert.match(answer, /^HTTP\/1\.1 404 /);
});
