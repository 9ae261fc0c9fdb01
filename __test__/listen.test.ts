// The address and HTTP versions of a listening server, and the errors when it cannot listen.
import assert from "node:assert/strict";
import { once } from "node:events";
import { request } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import { createServer as createNetServer } from "node:net";
import { networkInterfaces } from "node:os";
import process from "node:process";
import { type TestContext, test } from "node:test";
import { type CreateServerOptions, createServer } from "@connectum/core";
import { startProgram } from "./support/program.ts";
import { exchangeHttp1, http1Request } from "./support/raw-http1.ts";
import { serve } from "./support/serve.ts";
import { serveEcho } from "./support/serve-echo.ts";

const hasIpv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === "::1"),
);

/** The status of a request over HTTP/1.1, or the error if there was no response. */
async function statusOf(host: string, port: number): Promise<number | string> {
  const call = request({ host, port, path: "/", agent: false }).end();
  try {
    const [response] = await once(call, "response");
    response.resume();
    return response.statusCode;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

/** The same over HTTP/2 with prior knowledge. */
async function http2StatusOf(port: number): Promise<number | string> {
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  try {
    return await new Promise((resolve, reject) => {
      session.on("error", reject);
      session.on("close", () => reject(new Error("closed")));
      const stream = session.request({ ":path": "/" });
      stream.on("error", reject).on("response", (headers) => resolve(headers[":status"] ?? 0));
    });
  } catch {
    return "refused";
  } finally {
    session.destroy();
  }
}

/** Sets variables of the environment for one test. */
function withEnv(t: TestContext, variables: Record<string, string | undefined>) {
  for (const [name, value] of Object.entries(variables)) {
    const before = process.env[name];
    const set = (text: string | undefined) => {
      if (text === undefined) delete process.env[name];
      else process.env[name] = text;
    };
    set(value);
    t.after(() => set(before));
  }
}

const places: Record<string, { host: string; address: string; family: string; line: string; clients: string[] }> = {
  "the IPv4 loopback": {
    host: "127.0.0.1",
    address: "127.0.0.1",
    family: "IPv4",
    line: "127.0.0.1",
    clients: ["127.0.0.1"],
  },
  "every IPv4 address": {
    host: "0.0.0.0",
    address: "0.0.0.0",
    family: "IPv4",
    line: "0.0.0.0",
    clients: ["127.0.0.1"],
  },
  ...(hasIpv6 && {
    "the IPv6 loopback": { host: "::1", address: "::1", family: "IPv6", line: "::1", clients: ["::1"] },
    "every address": { host: "::", address: "::", family: "IPv6", line: "localhost", clients: ["127.0.0.1", "::1"] },
  }),
};

for (const [what, { host, address, family, line, clients }] of Object.entries(places)) {
  // contract: S3, O-host
  test(`a server on ${what} (${host}) listens, and prints it once`, { timeout: 10_000 }, async (t) => {
    const info = t.mock.method(console, "info", () => {});
    const { server, port } = await serve(t, { services: [], host, logger: undefined });
    assert.deepEqual(server.address, { address, family, port });
    assert.ok(port > 0, "0 lets the system choose");
    assert.deepEqual(
      info.mock.calls.map(({ arguments: logged }) => logged),
      [[`Server listening ${line}:${port}`]],
    );
    for (const client of clients) assert.equal(await statusOf(client, port), 404);
  });
}

test("localhost means one of its addresses", { timeout: 10_000 }, async (t) => {
  const { server, port } = await serve(t, { services: [], host: "localhost" });
  assert.match(server.address?.address ?? "", /^(127\.0\.0\.1|::1)$/);
  assert.equal(await statusOf(server.address?.address ?? "", port), 404);
});

// contract: O-port, O-host
test("PORT and LISTEN are read when the server starts, unless options replace them", { timeout: 10_000 }, async (t) => {
  withEnv(t, { PORT: "0", LISTEN: "127.0.0.1" });
  const server = createServer({ services: [] });
  await server.start();
  t.after(() => server.stop());
  const { port, address } = server.address ?? assert.fail();
  assert.equal(address, "127.0.0.1");
  assert.notEqual(port, 5000);

  withEnv(t, { PORT: "not a port", LISTEN: "not.a.host.invalid" });
  const { server: told } = await serve(t, { services: [], port: 0, host: "127.0.0.1" });
  assert.equal(told.isRunning, true, "an option that is given wins, 0 too");
});

// contract: T8, O-idle
test("a server reads these environment variables, and no others", { timeout: 10_000 }, async (t) => {
  withEnv(t, { PORT: undefined, LISTEN: "127.0.0.1", TLS_DIR_PATH: undefined, NODE_ENV: undefined });
  // Node reads variables itself.
  t.mock.method(console, "info", () => {});
  const environment = process.env;
  const read = new Set<string>();
  process.env = new Proxy(environment, {
    get(target, name) {
      if (typeof name === "string") read.add(name);
      return Reflect.get(target, name);
    },
    has: (_, name) => assert.fail(`${String(name)} is looked for`),
    ownKeys: () => assert.fail("all of them at once"),
  });
  try {
    const noCertificate = createServer({ services: [], tls: {} });
    assert.deepEqual([...read], [], "no variable is read before it starts");
    await assert.rejects(noCertificate.start(), { code: "ENOENT" });
    const server = createServer({ services: [], port: 0 });
    await server.start();
    await server.stop();
  } finally {
    process.env = environment;
  }
  assert.deepEqual([...read].sort(), [
    "GRACEFUL_SHUTDOWN_ENABLED",
    "GRACEFUL_SHUTDOWN_TIMEOUT_MS",
    "LISTEN",
    "NODE_ENV",
    "PORT",
    "TLS_DIR_PATH",
  ]);
});

for (const [text, complaint] of [
  ["", "should be a valid integer"],
  ["http", "should be a valid integer"],
  ["80.5", "should be a valid integer"],
  [" 80", "should be a valid integer"],
  ["0x50", "should be a valid integer"],
  ["-1", "should be a positive integer"],
  ["65536", "cannot assign a port number greater than 65535"],
]) {
  // contract: S9, DEC-port-rule
  test(`PORT=${JSON.stringify(text)} rejects start()`, { timeout: 10_000 }, async (t) => {
    withEnv(t, { PORT: text });
    const server = createServer({ services: [], host: "127.0.0.1" });
    await assert.rejects(server.start(), { name: "EnvVarError", message: `env-var: "PORT" ${complaint}` });
  });
}

for (const [options, http1, http2] of [
  [{}, true, true],
  [{ allowHTTP1: true, allowH2C: true }, true, true],
  [{ allowHTTP1: false }, false, true],
  [{ allowH2C: false }, true, false],
] as [Partial<CreateServerOptions>, boolean, boolean][]) {
  // contract: O-allowHTTP1, DEC-one-port, DEC-allow-h2c, T1
  test(`${JSON.stringify(options)}: HTTP/1.1 ${http1}, HTTP/2 ${http2}`, { timeout: 10_000 }, async (t) => {
    const { port } = await serve(t, { services: [], ...options });
    const status = await statusOf("127.0.0.1", port);
    if (http1) assert.equal(status, 404);
    else assert.notEqual(status, 404);
    const http2Status = await http2StatusOf(port);
    if (http2) assert.equal(http2Status, 404);
    else assert.notEqual(http2Status, 404);
  });
}

// contract: DEC-http10
test("HTTP/1.0 without Host is served, and the handler sees the server's address", {
  timeout: 10_000,
}, async (t) => {
  const { port } = await serveEcho(t, { echo: (_, { url }) => ({ text: url }) });
  const target = "/connectum.test.v1.EchoService/Echo";
  const headers = [["content-type", "application/json"]] as const;
  const request = { method: "POST", target, headers, body: Buffer.from("{}") };
  const { status, body } = await exchangeHttp1(port, http1Request(request, "1.0"));
  assert.deepEqual([status, JSON.parse(body.toString())], [200, { text: `http://127.0.0.1:${port}${target}` }]);
});

// Errors of the socket.

/** The properties of a socket error that programs read. */
function told(error: unknown) {
  const { code, errno, syscall, address, port, hostname, message, name } = error as NodeJS.ErrnoException & {
    address?: string;
    port?: number;
    hostname?: string;
  };
  return { code, errno, syscall, address, port, hostname, message, name, keys: Object.keys(error as object).sort() };
}

/** Node's error for listening there. */
async function errorOfNode(host: string, port: number) {
  const server = createNetServer().listen({ host, port });
  const error = await new Promise((resolve, reject) => {
    server.once("error", resolve).once("listening", () => reject(new Error("Node can listen there")));
  });
  return told(error);
}

async function ourError(host: string, port: number) {
  const server = createServer({ services: [], host, port });
  try {
    await server.start();
  } catch (error) {
    assert.ok(error instanceof Error);
    assert.deepEqual([server.state, server.address, server.transport], ["stopped", null, null]);
    return told(error);
  }
  await server.stop();
  return assert.fail("we can listen there");
}

// contract: S8
test("a port in use: Node's EADDRINUSE", { timeout: 10_000 }, async (t) => {
  const { port } = await serve(t, { services: [] });
  const error = await ourError("127.0.0.1", port);
  assert.equal(error.code, "EADDRINUSE");
  assert.deepEqual(error, await errorOfNode("127.0.0.1", port));
});

// contract: S8
test("a port that a Node server uses: EADDRINUSE, too", { timeout: 10_000 }, async (t) => {
  const occupant = createNetServer().listen(0, "127.0.0.1");
  await once(occupant, "listening");
  t.after(() => occupant.close());
  const address = occupant.address();
  assert.ok(typeof address === "object" && address !== null);
  assert.deepEqual(await ourError("127.0.0.1", address.port), await errorOfNode("127.0.0.1", address.port));
});

// contract: S8
test("a port in use on localhost: the error names the address, as Node's does", {
  timeout: 10_000,
}, async (t) => {
  const { port } = await serve(t, { services: [], host: "localhost" });
  assert.deepEqual(await ourError("localhost", port), await errorOfNode("localhost", port));
});

for (const [what, host, port, code] of [
  ["an address of another machine", "192.0.2.1", 65_000, "EADDRNOTAVAIL"],
  ["an address of another machine, any port", "192.0.2.1", 0, "EADDRNOTAVAIL"],
  ["an IPv6 address of another machine", "2001:db8::1", 65_000, "EADDRNOTAVAIL"],
  ["an IPv6 address of another machine, any port", "2001:db8::1", 0, "EADDRNOTAVAIL"],
  ["a name that nobody has", "no-such-host.invalid", 0, undefined],
] as const) {
  test(`${what}: the same error as Node's`, { timeout: 20_000, skip: host.includes("::") && !hasIpv6 }, async () => {
    const error = await ourError(host, port);
    if (code !== undefined) assert.equal(error.code, code);
    assert.deepEqual(error, await errorOfNode(host, port));
  });
}

test("a port that only root may use: Node's EACCES", {
  timeout: 10_000,
  skip: process.getuid?.() === 0 ? "root may have every port" : false,
}, async () => {
  assert.deepEqual(await ourError("127.0.0.1", 1), await errorOfNode("127.0.0.1", 1));
});

// Several processes on one port.

const canReusePort = process.platform === "win32" ? "Windows cannot share a port" : false;

test("with reusePort several processes share a port, and all of them serve", {
  timeout: 30_000,
  skip: canReusePort,
}, async (t) => {
  const first = startProgram(t, "reuse-port", ["0", "reusePort"]);
  const port = (await first.line(/^port/)).split(" ")[1] ?? assert.fail();
  const second = startProgram(t, "reuse-port", [port, "reusePort"]);
  assert.equal(await second.line(/^(port|failed)/), `port ${port}`);
  const respondent = async () => {
    const response = await fetch(`http://127.0.0.1:${port}/connectum.test.v1.EchoService/Echo`, {
      method: "POST",
      headers: { "content-type": "application/json", connection: "close" },
      body: "{}",
    });
    return ((await response.json()) as { index: number }).index;
  };
  const seen = new Set<number>();
  for (let attempt = 0; attempt < 500 && seen.size < 2; attempt += 1) seen.add(await respondent());
  assert.equal(seen.size, 2, "the system spreads connections over both");
  first.kill("SIGTERM");
  await first.exited;
  seen.clear();
  for (let attempt = 0; attempt < 10; attempt += 1) seen.add(await respondent());
  assert.equal(seen.size, 1, "one goes, the other serves on");
});

test("unless both set reusePort, the port is in use", { timeout: 30_000, skip: canReusePort }, async (t) => {
  for (const [one, other] of [
    ["reusePort", ""],
    ["", "reusePort"],
  ] as const) {
    const first = startProgram(t, "reuse-port", ["0", one]);
    const port = (await first.line(/^port/)).split(" ")[1] ?? assert.fail();
    const second = startProgram(t, "reuse-port", [port, other]);
    assert.equal(await second.line(/^(port|failed)/), "failed EADDRINUSE");
  }
});
