// The event bus of a server: started before the server listens, stopped after draining.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createServer, type EventBusLike } from "@connectum/core";

const listen = { services: [], port: 0, host: "127.0.0.1" } as const;

// contract: O-eventBus, E1, E2, H5, SV-bus
test("the bus starts before the server listens and stops as the hook eventbus", { timeout: 10_000 }, async () => {
  const order: string[] = [];
  let signal: AbortSignal | undefined;
  const eventBus: EventBusLike = {
    async start(options) {
      signal = options?.signal;
      order.push(`bus starts while ${server.state}, address ${server.address}`);
    },
    async stop() {
      await new Promise(setImmediate);
      order.push(`bus stops while ${server.state}`);
    },
  };
  const server = createServer({ ...listen, eventBus });
  assert.equal(server.eventBus, eventBus);
  server.onShutdown("after", ["eventbus"], () => void order.push("hook that depends on it"));
  for (const event of ["start", "ready", "stopping", "stop"] as const) server.on(event, () => order.push(event));
  await server.start();
  assert.equal(signal, server.shutdownSignal);
  await server.stop();
  assert.deepEqual(order, [
    "start",
    "bus starts while starting, address null",
    "ready",
    "stopping",
    "bus stops while stopping",
    "hook that depends on it",
    "stop",
  ]);
});

// contract: S4, E3
test("a bus that fails to start fails the start; its stop() is called, and errors of stop() are ignored", {
  timeout: 10_000,
}, async () => {
  const order: string[] = [];
  const thrown = new Error("no broker");
  const server = createServer({
    ...listen,
    eventBus: {
      start: () => Promise.reject(thrown),
      stop() {
        order.push("bus stops");
        throw new Error("was never started");
      },
    },
  });
  server.on("error", (error) => order.push(error.message));
  await assert.rejects(server.start(), (error) => error === thrown);
  assert.deepEqual(order, ["bus stops", "no broker"]);
  assert.deepEqual([server.state, server.address], ["stopped", null]);
});

// contract: E2, X9
test("a bus that fails to stop counts as a failed hook", { timeout: 10_000 }, async () => {
  const order: string[] = [];
  const server = createServer({
    ...listen,
    eventBus: { start: async () => {}, stop: () => Promise.reject(new Error("stuck")) },
  });
  server.onShutdown("independent", () => void order.push("independent"));
  server.onShutdown("dependent", ["eventbus"], () => void order.push("dependent"));
  server.on("error", (error) => order.push(`error: ${error.message}`));
  server.on("stop", () => order.push("stop"));
  await server.start();
  await assert.rejects(server.stop(), { message: "stuck" });
  assert.deepEqual(order, ["independent", "error: stuck", "stop"]);
});

// contract: E4
test("a bus may start and stop more slowly than any timeout of the server", { timeout: 10_000 }, async () => {
  const done: string[] = [];
  const slowly = (what: string) => async () => {
    await sleep(60); // Longer than the timeouts of the server below.
    done.push(what);
  };
  const eventBus = { start: slowly("started"), stop: slowly("stopped") };
  const server = createServer({ ...listen, eventBus, handshakeTimeout: 1, shutdown: { timeout: 1 } });
  await server.start();
  assert.deepEqual(done, ["started"]);
  await server.stop();
  assert.deepEqual(done, ["started", "stopped"]);
});
