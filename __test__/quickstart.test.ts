// The programs of examples/quickstart compile in a separate project, and run unchanged.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { get } from "node:https";
import process from "node:process";
import { text } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Code, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { Health } from "@connectum/healthcheck/proto";
import { Greeter } from "../examples/hello/gen/greeter_pb.ts";
import { certificate, certificatePath } from "./support/certificates.ts";
import { freePort } from "./support/ports.ts";
import { startExample } from "./support/program.ts";
import { ask, LIST } from "./support/reflection-client.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** An address on which the program's port is free: Linux has 2^24 loopback addresses, other systems one. */
const ownAddress = () =>
  process.platform === "linux" ? `127.${randomInt(1, 255)}.${randomInt(1, 255)}.${randomInt(1, 255)}` : "127.0.0.1";

for (const settings of [
  [],
  ["--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess"],
  ["--module", "esnext", "--moduleResolution", "bundler"],
  ["--skipLibCheck", "false"],
]) {
  test(`the programs compile with ${settings.join(" ") || "plain settings"}`, { timeout: 60_000 }, async () => {
    const tsc = fileURLToPath(new URL("../node_modules/typescript/bin/tsc", import.meta.url));
    const run = promisify(execFile)(process.execPath, [tsc, "--project", "examples/quickstart", ...settings], {
      cwd: root,
    });
    const { stdout } = await run.catch((failed: { stdout: string }) => failed);
    assert.equal(stdout, "");
  });
}

// contract: F-programs
test("hello-world.ts serves on port 5000, and does not handle signals", { timeout: 30_000 }, async (t) => {
  const address = ownAddress();
  const program = startExample(t, "quickstart/hello-world", { LISTEN: address });
  assert.equal(await program.line(/^Server running/), "Server running at 5000");
  const client = createClient(Greeter, createGrpcTransport({ baseUrl: `http://${address}:5000` }));
  assert.equal((await client.greet({ name: "Ada" })).greeting, "Hello, Ada!");
  program.kill("SIGTERM");
  const { lines, ...exit } = await program.exited;
  assert.deepEqual(exit, { code: null, signal: "SIGTERM", stderr: "" });
  assert.deepEqual(lines, [`Server listening ${address}:5000`, "Server running at 5000"]);
});

// contract: F-programs, SEED-1
test("quick-start.ts serves calls, health and reflection, and stops on SIGTERM", {
  timeout: 30_000,
}, async (t) => {
  const address = ownAddress();
  const program = startExample(t, "quickstart/quick-start", { LISTEN: address });
  await program.line(/^Server listening/);
  const transport = createGrpcTransport({ baseUrl: `http://${address}:5000` });
  const client = createClient(Greeter, transport);
  assert.equal((await client.greet({ name: "Ada" })).greeting, "Hello, Ada!");
  await assert.rejects(client.greetTogether(nobody()), { code: Code.Unimplemented });
  assert.equal((await createClient(Health, transport).check({})).status, 1);
  const healthz = await fetch(`http://${address}:5000/healthz`);
  assert.deepEqual([healthz.status, Reflect.get(Object(await healthz.json()), "status")], [200, "SERVING"]);
  const [services] = await ask(transport, [LIST]);
  assert.ok(Array.isArray(services) && services.includes("hello.v1.Greeter"));
  program.kill("SIGTERM");
  const { code, signal, lines } = await program.exited;
  assert.deepEqual([code, signal], [0, null]);
  assert.deepEqual(lines, [
    `Server listening ${address}:5000`,
    "Received SIGTERM, initiating graceful shutdown...",
    "Server stopped",
  ]);
});

async function* nobody() {}

/** The port and a client of production.ts, once it is ready. */
async function production(t: TestContext, env: NodeJS.ProcessEnv) {
  const address = ownAddress();
  const program = startExample(t, "quickstart/production", { LISTEN: address, PORT: `${await freePort()}`, ...env });
  const port = Number((await program.line(/^Server ready/)).split(" ").at(-1));
  const nodeOptions = { ca: certificate("ca.crt"), servername: "localhost" };
  const transport = createGrpcTransport({ baseUrl: `https://${address}:${port}`, nodeOptions });
  return { address, port, program, transport, client: createClient(Greeter, transport) };
}

for (const [what, env] of Object.entries({
  "PEM text": { TLS_CERT: certificate("server.crt"), TLS_KEY: certificate("server.key") },
  paths: { TLS_CERT: certificatePath("server.crt"), TLS_KEY: certificatePath("server.key") },
})) {
  // contract: F-programs, DEC-pem, SV-onShutdown, A2
  test(`production.ts, its certificate from ${what}: serves, and stops in order on SIGTERM`, {
    timeout: 30_000,
  }, async (t) => {
    const { address, port, program, client, transport } = await production(t, env);
    assert.equal((await client.greet({ name: "Ada" })).greeting, "Hello, Ada!");
    assert.equal((await createClient(Health, transport).check({})).status, 1);
    const tls = { ca: certificate("ca.crt"), servername: "localhost" };
    const [ready] = await once(get({ host: address, port, path: "/readyz", ...tls, agent: false }), "response");
    assert.deepEqual([ready.statusCode, JSON.parse(await text(ready)).status], [200, "SERVING"]);
    assert.deepEqual(await ask(transport, [LIST]), [
      [
        "hello.v1.Greeter",
        Health.typeName,
        "grpc.reflection.v1.ServerReflection",
        "grpc.reflection.v1alpha.ServerReflection",
      ],
    ]);
    program.kill("SIGTERM");
    const { code, signal, lines, stderr } = await program.exited;
    assert.deepEqual([code, signal], [0, null]);
    assert.deepEqual(lines, [
      `Server listening ${address}:${port}`,
      `Server ready at ${port}`,
      "Received SIGTERM, initiating graceful shutdown...",
      "Server shutting down...",
      "cache flushed",
      "database closed",
    ]);
    assert.equal(stderr, "");
  });
}

for (const [what, env, message] of [
  [
    "without certificate and key",
    { TLS_CERT: undefined, TLS_KEY: undefined },
    "tls.cert is undefined (an unset variable?): tls.key is missing too",
  ],
  [
    "with an empty key",
    { TLS_CERT: certificate("server.crt"), TLS_KEY: "" },
    'tls.key is "" (an unset variable?): tls.cert is given',
  ],
] as const) {
  // contract: DEC-pem-missing
  test(`production.ts ${what} does not start, and prints why`, { timeout: 30_000 }, async (t) => {
    const program = startExample(t, "quickstart/production", { LISTEN: ownAddress(), ...env });
    const { code, lines, stderr } = await program.exited;
    assert.deepEqual([code, lines], [1, []]);
    assert.ok(stderr.includes(`Error: createServer: ${message}`), stderr);
  });
}
