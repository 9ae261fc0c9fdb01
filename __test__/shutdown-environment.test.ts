// Environment variables are the defaults of the shutdown options.
import assert from "node:assert/strict";
import process from "node:process";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Code, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { createServer, type ShutdownOptions } from "@connectum/core";
import { EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";
import { deferred } from "./support/deferred.ts";

/** Sets variables for one test. */
function withEnv(t: TestContext, variables: Record<string, string>) {
  const before = { ...process.env };
  Object.assign(process.env, variables);
  t.after(() => {
    for (const name of Object.keys(variables)) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  });
}

const signalCases: [Record<string, string>, ShutdownOptions, boolean][] = [
  [{ GRACEFUL_SHUTDOWN_ENABLED: "yes" }, {}, true],
  [{ GRACEFUL_SHUTDOWN_ENABLED: "yes" }, { autoShutdown: undefined }, true],
  [{ GRACEFUL_SHUTDOWN_ENABLED: "yes" }, { autoShutdown: false }, false],
  [{ GRACEFUL_SHUTDOWN_ENABLED: "no" }, {}, false],
  [{ GRACEFUL_SHUTDOWN_ENABLED: "no" }, { autoShutdown: true }, true],
  [{ GRACEFUL_SHUTDOWN_ENABLED: "" }, {}, false],
];

for (const [env, shutdown, isHandled] of signalCases) {
  const which = `${JSON.stringify(env)} and ${JSON.stringify(shutdown)}`;
  // contract: DEC-environment
  test(`with ${which} signals are ${isHandled ? "" : "not "}handled`, { timeout: 10_000 }, async (t) => {
    withEnv(t, env);
    const before = process.listenerCount("SIGUSR2");
    const server = createServer({
      services: [],
      port: 0,
      host: "127.0.0.1",
      shutdown: { ...shutdown, signals: ["SIGUSR2"] },
    });
    await server.start();
    assert.equal(process.listenerCount("SIGUSR2") - before, isHandled ? 1 : 0);
    await server.stop();
  });
}

for (const [shutdown, expected] of [
  [{}, 51],
  [{ timeout: 52 }, 52],
] as const) {
  // contract: DEC-environment, X1-timeout
  test(`GRACEFUL_SHUTDOWN_TIMEOUT_MS=51 and ${JSON.stringify(shutdown)}: calls get ${expected} ms`, {
    timeout: 10_000,
  }, async (t) => {
    withEnv(t, { GRACEFUL_SHUTDOWN_TIMEOUT_MS: "51" });
    const warn = t.mock.method(console, "warn", () => {});
    const { promise: running, resolve: begun } = deferred();
    const server = createServer({
      services: [
        (router) =>
          router.service(EchoService, {
            async echo(_, { signal }) {
              begun();
              // Longer than the test may take; the abort at the timeout ends it.
              await sleep(60_000, undefined, { signal });
              return {};
            },
          }),
      ],
      port: 0,
      host: "127.0.0.1",
      shutdown,
      logger: { debug() {}, info() {}, warn() {}, error() {} },
    });
    await server.start();
    const baseUrl = `http://127.0.0.1:${server.address?.port}`;
    const call = createClient(EchoService, createConnectTransport({ baseUrl, httpVersion: "1.1" })).echo({});
    const ended = assert.rejects(call, { code: Code.Unavailable });
    await running;
    await server.stop();
    await ended;
    assert.deepEqual(
      warn.mock.calls.map(({ arguments: [text] }) => text as unknown),
      [`Shutdown timeout (${expected}ms) exceeded`],
    );
  });
}

test("an invalid variable rejects start()", { timeout: 10_000 }, async (t) => {
  withEnv(t, { GRACEFUL_SHUTDOWN_TIMEOUT_MS: "30s" });
  const server = createServer({ services: [], port: 0, host: "127.0.0.1" });
  await assert.rejects(server.start(), {
    name: "EnvVarError",
    message: /^env-var: "GRACEFUL_SHUTDOWN_TIMEOUT_MS" cannot be "30s": /,
  });
});
