// A handler that stops its own server: stop() may be called anywhere, and ends at the timeout at the latest.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import type { Server } from "@connectum/core";
import { EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";
import { deferred } from "./support/deferred.ts";
import { failOnProcessFaults } from "./support/process-faults.ts";
import { serveEcho } from "./support/serve-echo.ts";
import { protocolClients } from "./support/transports.ts";

failOnProcessFaults();

const TIMEOUT_MS = 300;

for (const { name, transport } of protocolClients) {
  test(`${name}: a call that stops its server gets its response, and so do other calls in flight`, {
    timeout: 10_000,
  }, async (t) => {
    let stopped: Promise<void> | undefined;
    const { promise: released, resolve: release } = deferred();
    const { promise: waiting, resolve: waits } = deferred();
    const served = await serveEcho(t, {
      echo() {
        stopped = served.server.stop();
        return { text: "stopping" };
      },
      async echoGet() {
        waits();
        await released;
        return { text: "finished" };
      },
    });
    const client = createClient(EchoService, transport(served.url));
    const beside = client.echoGet({});
    await waiting;
    assert.equal((await client.echo({})).text, "stopping");
    release();
    assert.equal((await beside).text, "finished");
    await stopped;
    assert.equal(served.server.state, "stopped");
  });

  test(`${name}: a handler that waits for stop() is aborted at the timeout`, {
    timeout: 10_000,
  }, async (t) => {
    let server: Server | undefined;
    let reason: unknown;
    let stopped = false;
    const served = await serveEcho(
      t,
      {
        async echo(_, { signal }) {
          signal.addEventListener("abort", () => {
            reason = signal.reason;
          });
          await server?.stop();
          stopped = true;
          return {};
        },
      },
      { shutdown: { timeout: TIMEOUT_MS } },
    );
    server = served.server;
    const client = createClient(EchoService, transport(served.url));
    const startedAt = performance.now();
    await assert.rejects(client.echo({}), ConnectError);
    assert.ok(performance.now() - startedAt < TIMEOUT_MS + 2_000, "not much later");
    while (!stopped) await new Promise(setImmediate);
    assert.ok(reason instanceof ConnectError && reason.code === Code.Unavailable, `${reason}`);
    assert.equal(server.state, "stopped");
  });
}
