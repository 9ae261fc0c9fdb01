// The lifecycle of a server: states, events, allowed operations, and the state after a failure.
import assert from "node:assert/strict";
import { once } from "node:events";
import process from "node:process";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type ConnectRouter, createClient, type Interceptor } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import {
  type ConnectumServiceImpl,
  type CreateServerOptions,
  createServer,
  defineLazyService,
  defineService,
  LifecycleEvent,
  type Server,
  ServerState,
} from "@connectum/core";
import { NativeServer } from "@connectum/native";
import { EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";
import { deferred } from "./support/deferred.ts";
import { eventually } from "./support/eventually.ts";
import { isOpen } from "./support/ports.ts";
import { serve } from "./support/serve.ts";

type EchoHandlers = ConnectumServiceImpl<typeof EchoService>;

/** The type asks for all methods; at run time they may be missing. */
const noHandlers = {} as EchoHandlers;

const listen = { services: [], port: 0, host: "127.0.0.1" } as const;

/** A server that is not started, and a list of its events: `name` or `name: message`. */
function observed(t: TestContext, options: Partial<CreateServerOptions> = {}) {
  const server = createServer({ ...listen, ...options });
  const events: string[] = [];
  for (const event of ["start", "ready", "stopping", "stop"] as const) server.on(event, () => events.push(event));
  server.on("error", (error) => events.push(`error: ${error.message}`));
  t.after(async () => {
    if (server.isRunning) await server.stop().catch(() => {});
  });
  return { server, events };
}

/** The state of a server as its properties show it. */
const shown = ({ state, isRunning, address, transport, shutdownSignal }: Server) => ({
  state,
  isRunning,
  hasAddress: address !== null,
  hasTransport: transport !== null,
  aborted: shutdownSignal.aborted,
});

// contract: S2, SV-address, SV-running, SV-transport, SV-emitter, G-states, X2, X10
test("states and events come in order, and listeners see the state", { timeout: 10_000 }, async (t) => {
  const { server, events } = observed(t);
  const seen: Record<string, unknown> = {};
  for (const event of ["start", "ready", "stopping", "stop"] as const) {
    server.on(event, () => {
      seen[event] = shown(server);
    });
  }
  const at = (state: string, isListening: boolean, aborted = false) => ({
    state,
    isRunning: state === "running",
    hasAddress: isListening,
    hasTransport: isListening,
    aborted,
  });

  assert.deepEqual(shown(server), at("created", false));
  const starting = server.start();
  assert.equal(server.state, "starting", "at once");
  await starting;
  assert.deepEqual(shown(server), at("running", true));
  const { port } = server.address ?? assert.fail();
  assert.equal(await isOpen(port), true);
  const stopping = server.stop();
  assert.equal(server.state, "stopping", "at once");
  await stopping;
  assert.deepEqual(shown(server), at("stopped", false, true));
  assert.equal(await isOpen(port), false);
  assert.deepEqual(events, ["start", "ready", "stopping", "stop"]);
  assert.deepEqual(seen, {
    start: at("starting", false),
    ready: at("running", true),
    // Listeners run before the signal aborts, so that they can still use what it ends.
    stopping: at("stopping", true),
    stop: at("stopped", false, true),
  });
});

// contract: SV-constants
test("the constants have the values of the states and events", () => {
  assert.deepEqual(Object.values(ServerState), ["created", "starting", "running", "stopping", "stopped"]);
  assert.deepEqual(Object.values(LifecycleEvent), [
    "start",
    "ready",
    "stopping",
    "stop",
    "error",
    "tlsReload",
    "tlsReloadError",
  ]);
});

// contract: O-idle, O-copies, O-services, O-interceptors, SV-bus
test("createServer only stores its options: no variable is read, the arrays are copied", async (t) => {
  const before = process.env["PORT"];
  process.env["PORT"] = "no port";
  t.after(() => {
    if (before === undefined) delete process.env["PORT"];
    else process.env["PORT"] = before;
  });
  const services = [() => {}];
  const interceptors = [(next: unknown) => next] as Interceptor[];
  const protocols = [{ name: "none", register() {} }];
  const server = createServer({ services, interceptors, protocols });
  for (const list of [services, interceptors, protocols]) list.length = 0;
  assert.deepEqual([server.routes.length, server.interceptors.length, server.protocols.length], [1, 1, 1]);
  const bare = createServer({ services: [] });
  assert.deepEqual([bare.routes, bare.interceptors, bare.protocols, bare.eventBus], [[], [], [], null]);
  assert.throws(() => createServer({} as CreateServerOptions), {
    name: "TypeError",
    message: "createServer: services must be an array, as in createServer({ services: [routes] }), not undefined",
  });
  await assert.rejects(server.start(), { name: "EnvVarError" }, "a bad PORT is found when it is used");
});

// contract: O-copies
test("options that are not lists are read when they are used", { timeout: 10_000 }, async (t) => {
  const warn = t.mock.method(console, "warn", () => {});
  const options: CreateServerOptions = { ...listen, port: 70_000, shutdown: { timeout: 30_000 } };
  options.services = [(router) => router.service(EchoService, { echo: () => new Promise<never>(() => {}) })];
  const server = createServer(options);
  options.port = 0;
  await server.start();
  const { port } = server.address ?? assert.fail();
  const call = fetch(`http://127.0.0.1:${port}/${EchoService.typeName}/Echo`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{}",
  });
  await sleep(50); // Long enough for the call to come; without it the server would have nothing to wait for.
  options.shutdown = { timeout: 51 };
  await server.stop();
  assert.equal((await call).status, 503);
  assert.deepEqual(warn.mock.calls[0]?.arguments, ["Shutdown timeout (51ms) exceeded"]);
});

// contract: SV-lists, F-mixed
test("a server has its own lists, which include later additions", () => {
  const server = createServer(listen);
  const { routes, interceptors, protocols } = server;
  const route = () => {};
  const definition = defineService(EchoService, noHandlers);
  const interceptor: Interceptor = (next) => next;
  const protocol = { name: "none", register() {} };
  server.addService(route);
  server.addService(definition);
  server.addInterceptor(interceptor);
  server.addProtocol(protocol);
  assert.deepEqual([routes, interceptors, protocols], [[route, definition], [interceptor], [protocol]]);
  assert.ok(routes === server.routes && interceptors === server.interceptors && protocols === server.protocols);
});

// contract: S1, E1
test("start() performs its steps in this order", { timeout: 10_000 }, async (t) => {
  const order: string[] = [];
  const log = (what: string) => void order.push(`${what}: ${server.state}, ${server.address ? "listening" : "closed"}`);
  const watched = () => process.listenerCount("SIGUSR2");
  const before = watched();
  t.mock.method(console, "warn", () => log("check of transports"));
  t.mock.method(console, "info", () => log("line"));
  const { server } = observed(t, {
    services: [
      (router) => {
        log("service");
        router.service(EchoService, {});
      },
    ],
    protocols: [{ name: "p", register: () => log("protocol") }],
    allowH2C: false,
    transportValidation: "warn",
    eventBus: { start: async () => log("bus"), stop: async () => {} },
    shutdown: { autoShutdown: true, signals: ["SIGUSR2"] },
  });
  server.on("start", () => log("start"));
  server.on("ready", () => log(`ready, ${watched() - before} watched`));
  await server.start();
  assert.deepEqual(order, [
    "start: starting, closed",
    "service: starting, closed",
    "protocol: starting, closed",
    "check of transports: starting, closed",
    "bus: starting, closed",
    "line: running, listening",
    "ready, 1 watched: running, listening",
  ]);
});

// contract: X1, X3, DEC-hooks-after
test("stop() performs its steps in this order", { timeout: 10_000 }, async (t) => {
  const order: string[] = [];
  const watched = () => process.listenerCount("SIGUSR2") - before;
  const before = process.listenerCount("SIGUSR2");
  const log = (what: string) => {
    const { state, address, transport } = server;
    const where = address !== null && transport !== null ? "listener" : address === transport ? "nothing" : "half";
    order.push(`${what}: ${state}, ${where}, ${watched()} watched`);
  };
  const { promise: entered, resolve: isIn } = deferred();
  const { server } = observed(t, {
    services: [
      (router) =>
        router.service(EchoService, {
          async echo() {
            isIn();
            await once(server.shutdownSignal, "abort");
            await sleep(20); // A server that did not wait for the call would run its hook meanwhile.
            log("the call ends");
            return {};
          },
        }),
    ],
    shutdown: { autoShutdown: true, signals: ["SIGUSR2"] },
  });
  server.on("stopping", () => log("stopping"));
  server.shutdownSignal.addEventListener("abort", () => log("aborted"));
  server.onShutdown(() => log("hook"));
  server.on("stop", () => log("stop"));
  await server.start();
  const baseUrl = `http://127.0.0.1:${server.address?.port}`;
  const call = createClient(EchoService, createConnectTransport({ baseUrl, httpVersion: "1.1" })).echo({});
  await entered;
  await server.stop();
  await call;
  assert.deepEqual(order, [
    "stopping: stopping, listener, 1 watched",
    "aborted: stopping, listener, 1 watched",
    "the call ends: stopping, listener, 0 watched",
    "hook: stopping, listener, 0 watched",
    "stop: stopped, nothing, 0 watched",
  ]);
});

// contract: X1, SV-signal
test("the reason of shutdownSignal is the platform's AbortError", { timeout: 10_000 }, async (t) => {
  const { server } = observed(t);
  const { shutdownSignal } = server;
  await server.start();
  await server.stop();
  assert.equal(server.shutdownSignal, shutdownSignal, "one signal for life");
  assert.ok(shutdownSignal.reason instanceof DOMException);
  assert.deepEqual(
    [shutdownSignal.reason.name, shutdownSignal.reason.message],
    ["AbortError", "This operation was aborted"],
  );
});

// contract: DEC-transport, SV-transport
test("transport describes the listener, and closing it stops the server", { timeout: 10_000 }, async (t) => {
  const { server, events } = observed(t);
  await server.start();
  const transport = server.transport ?? assert.fail();
  assert.deepEqual([transport.listening, transport.address()], [true, server.address]);
  await transport.close();
  assert.equal(server.state, "stopped");
  assert.deepEqual(events, ["start", "ready", "stopping", "stop"]);
  assert.deepEqual(
    [transport.listening, transport.address()],
    [false, null],
    "a kept transport shows the current state",
  );
});

// Operations and the states that allow them.

const startRefusal = (state: string) => `Cannot start server: current state is "${state}", expected "created"`;
const stopRefusal = (state: string) => `Cannot stop server: current state is "${state}", expected "running"`;

// contract: G-start, G-stop, X4
test("start() needs a new server, stop() a running one", { timeout: 10_000 }, async (t) => {
  const { server } = observed(t);
  await assert.rejects(server.stop(), { name: "Error", message: stopRefusal("created") });
  assert.equal(server.state, "created", "a refusal changes nothing");
  const starting = server.start();
  await assert.rejects(server.start(), { name: "Error", message: startRefusal("starting") });
  await starting;
  await assert.rejects(server.start(), { message: startRefusal("running") });
  const stopping = server.stop();
  await assert.rejects(server.start(), { message: startRefusal("stopping") });
  await stopping;
  await assert.rejects(server.start(), { message: startRefusal("stopped") });
  await assert.rejects(server.stop(), { message: stopRefusal("stopped") });
});

// contract: G-stop
test("stop() rejects while the server starts, and in a stopping listener", { timeout: 10_000 }, async (t) => {
  const refused: Promise<void>[] = [];
  const { server } = observed(t);
  server.on("start", () => refused.push(assert.rejects(server.stop(), { message: stopRefusal("starting") })));
  server.on("stopping", () => refused.push(assert.rejects(server.stop(), { message: stopRefusal("stopping") })));
  await server.start();
  await server.stop();
  await Promise.all(refused);
  assert.equal(refused.length, 2);
});

// contract: X4
test("a second stop() settles with the first one, and every step runs once", {
  timeout: 10_000,
}, async (t) => {
  const { server, events } = observed(t);
  let runs = 0;
  server.onShutdown(() => {
    runs += 1;
  });
  await server.start();
  const stops = [server.stop(), server.stop(), server.stop()];
  await Promise.all(stops);
  assert.equal(runs, 1);
  assert.deepEqual(events, ["start", "ready", "stopping", "stop"]);
});

// contract: X4
test("stop() in a hook rejects, as it would wait for the hook; others may call it meanwhile", {
  timeout: 10_000,
}, async (t) => {
  const { server, events } = observed(t);
  const { promise: hookRuns, resolve: enters } = deferred();
  const { promise: released, resolve: release } = deferred();
  const refused: unknown[] = [];
  server.onShutdown("direct", async () => {
    enters();
    await released;
    await server.stop().catch((error) => refused.push(error));
  });
  server.onShutdown("later", ["direct"], async () => {
    await sleep(1);
    await server.transport?.close().catch((error) => refused.push(error));
  });
  await server.start();
  const stops = [server.stop()];
  await hookRuns;
  stops.push(server.stop());
  release();
  await Promise.all(stops);
  assert.deepEqual(events, ["start", "ready", "stopping", "stop"]);
  const text = "Error: Cannot stop server: a shutdown hook called stop(), which waits for the hook";
  assert.deepEqual(refused.map(String), [text, text]);
});

test("a hook that takes longer than hookTimeout has failed, and the server stops", { timeout: 10_000 }, async (t) => {
  const { server, events } = observed(t, { shutdown: { hookTimeout: 50 } });
  server.onShutdown("database", () => new Promise(() => {}));
  await server.start();
  const message = 'the shutdown hook "database" did not end within shutdown.hookTimeout (50 ms)';
  await assert.rejects(server.stop(), { message });
  assert.deepEqual([server.state, events], ["stopped", ["start", "ready", "stopping", `error: ${message}`, "stop"]]);
});

test("a logger that throws does not change how a server stops", { timeout: 10_000 }, async (t) => {
  const ignore = () => {};
  const error = t.mock.fn(() => {
    throw new Error("the disk is full");
  });
  const { server, events } = observed(t, { logger: { debug: ignore, info: ignore, warn: ignore, error } });
  server.onShutdown(() => {
    throw new Error("the database is gone");
  });
  server.on("error", () => {
    throw new Error("nor does a listener that throws");
  });
  await server.start();
  await assert.rejects(server.stop(), { message: "the database is gone" });
  // Once more without the details, which may be what could not be written; then it is given up.
  assert.deepEqual(
    error.mock.calls.map(({ arguments: [text, details] }: { arguments: unknown[] }) => [text, typeof details]),
    [
      ["a listener of the server's error event failed", "object"],
      ["a listener of the server's error event failed", "string"],
    ],
  );
  assert.deepEqual(events, ["start", "ready", "stopping", "error: the database is gone", "stop"]);
});

test("a ready listener may stop the server", { timeout: 10_000 }, async (t) => {
  const { server, events } = observed(t);
  server.once("ready", () => void server.stop());
  await server.start();
  await eventually(() => server.state === "stopped", "the server is stopped");
  assert.deepEqual(events, ["start", "ready", "stopping", "stop"]);
});

const additions: Record<string, (server: Server) => void> = {
  service: (server) => server.addService(() => {}),
  interceptor: (server) => server.addInterceptor((next) => next),
  protocol: (server) => server.addProtocol({ name: "none", register() {} }),
};

for (const [what, add] of Object.entries(additions)) {
  // contract: G-add, G-materialized, R1
  test(`a ${what} can be added until the server starts or its routes are created`, { timeout: 10_000 }, async (t) => {
    const { server } = observed(t);
    const refusal = (state: string) => ({
      name: "Error",
      message: `Cannot add ${what}: server is already ${state}. Add ${what}s before calling start().`,
    });
    const seen: unknown[] = [];
    for (const event of ["start", "ready", "stopping", "stop"] as const) {
      server.on(event, () => {
        assert.throws(() => add(server), refusal(server.state));
        seen.push(server.state);
      });
    }
    await server.start();
    await server.stop();
    assert.deepEqual(seen, ["starting", "running", "stopping", "stopped"]);

    const { server: looked } = observed(t);
    add(looked);
    looked.hasService(EchoService);
    assert.throws(() => add(looked), {
      message:
        `Cannot add ${what}: routes have already been materialized (e.g. via server.localClient()). ` +
        `Add ${what}s before any local-transport access.`,
    });
  });
}

// contract: R1, R7, D2
test("routes are created once, whatever needs them first", { timeout: 10_000 }, async (t) => {
  const made: string[] = [];
  const count = (what: string) => void made.push(what);
  const { server } = observed(t, {
    services: [
      () => count("function"),
      defineLazyService(EchoService, () => {
        count("factory");
        return noHandlers;
      }),
    ],
    protocols: [{ name: "p", register: () => count("protocol") }],
  });
  assert.deepEqual(made, [], "nothing has created the routes");
  for (let ask = 0; ask < 3; ask += 1) assert.equal(server.hasService(EchoService), true);
  await server.start();
  assert.equal(server.hasService(EchoService), true);
  assert.deepEqual(made, ["function", "factory", "protocol"]);
});

// contract: PR1
test("an exception of a protocol's registration is thrown to the caller that created the routes", {
  timeout: 10_000,
}, async (t) => {
  const thrown = new Error("no descriptors");
  const broken = {
    name: "broken",
    register() {
      throw thrown;
    },
  };
  const { server: asked } = observed(t, { protocols: [broken] });
  assert.throws(() => asked.hasService(EchoService), thrown);
  const { server, events } = observed(t, { protocols: [broken] });
  await assert.rejects(server.start(), thrown);
  assert.deepEqual([events, server.state], [["start", "error: no descriptors"], "stopped"]);
});

// contract: F-mixed, F-record, SV-hasService
test("an added service is served, as a function and as a definition", { timeout: 10_000 }, async (t) => {
  const handlers = { echo: () => ({ text: "added" }) };
  for (const service of [
    (router: ConnectRouter) => void router.service(EchoService, handlers),
    defineService(EchoService, handlers as Partial<EchoHandlers> as EchoHandlers),
  ]) {
    const { server } = observed(t);
    server.addService(service);
    assert.equal(server.hasService(EchoService), true);
    await server.start();
    const baseUrl = `http://127.0.0.1:${server.address?.port}`;
    const client = createClient(EchoService, createConnectTransport({ baseUrl, httpVersion: "1.1" }));
    assert.equal((await client.echo({})).text, "added");
  }
  assert.equal(createServer(listen).hasService(EchoService), false);
});

// Failed starts.

// contract: S10, S4, G-failed
test("a start listener that throws fails the start", { timeout: 10_000 }, async (t) => {
  const { server, events } = observed(t);
  const thrown = new Error("not today");
  const emitted: unknown[] = [];
  server.on("error", (error) => emitted.push(error, server.state));
  server.on("start", () => {
    throw thrown;
  });
  await assert.rejects(server.start(), (error) => error === thrown);
  assert.deepEqual(emitted, [thrown, "stopped"], "the same object, once, when the server is stopped");
  assert.deepEqual(events, ["start", "error: not today"]);
  assert.deepEqual([server.address, server.transport], [null, null]);
  await assert.rejects(server.stop(), { message: stopRefusal("stopped") });
});

// contract: S10, DEC-failed-ready
test("a ready listener that throws fails the start, and everything is undone", { timeout: 10_000 }, async (t) => {
  const done: string[] = [];
  const { server, events } = observed(t, {
    shutdown: { autoShutdown: true, signals: ["SIGUSR2"] },
    eventBus: {
      start: async () => void done.push("bus starts"),
      stop: async () => void done.push("bus stops"),
    },
  });
  server.onShutdown("late", ["eventbus"], () => void done.push(`hook, aborted ${server.shutdownSignal.aborted}`));
  server.on("error", () => done.push(`error while ${server.state}`));
  let port = 0;
  server.on("ready", () => {
    port = server.address?.port ?? 0;
    throw new Error("not ready");
  });
  await assert.rejects(server.start(), { message: "not ready" });
  assert.deepEqual(events, ["start", "ready", "error: not ready"]);
  assert.deepEqual(done, ["bus starts", "bus stops", "hook, aborted true", "error while stopped"]);
  assert.deepEqual(shown(server), {
    state: "stopped",
    isRunning: false,
    hasAddress: false,
    hasTransport: false,
    aborted: true,
  });
  assert.notEqual(port, 0);
  assert.equal(await isOpen(port), false);
  assert.equal(process.listenerCount("SIGUSR2"), 0);
});

// contract: S10
test("if one ready listener stops the server and another throws, every step still runs once", {
  timeout: 10_000,
}, async (t) => {
  const { server, events } = observed(t);
  let runs = 0;
  server.onShutdown(() => {
    runs += 1;
  });
  const stops: Promise<void>[] = [];
  server.on("ready", () => void stops.push(server.stop()));
  server.on("ready", () => {
    throw new Error("not ready");
  });
  await assert.rejects(server.start(), { message: "not ready" });
  await Promise.all(stops);
  assert.deepEqual([stops.length, runs, server.state], [1, 1, "stopped"]);
  assert.deepEqual(events, ["start", "ready", "stopping", "stop", "error: not ready"]);
});

// contract: S10, G-stop
test("stop() during the cleanup of a failed start settles with it", { timeout: 10_000 }, async (t) => {
  const { server, events } = observed(t);
  let runs = 0;
  const stops: Promise<void>[] = [];
  const { promise: hookRuns, resolve: enters } = deferred();
  // Not in the hook, which must not wait for it.
  const elsewhere = hookRuns.then(() => void stops.push(server.stop()));
  server.onShutdown(async () => {
    runs += 1;
    assert.deepEqual([server.state, server.isRunning], ["stopping", false]);
    enters();
    await elsewhere;
  });
  server.on("ready", () => {
    throw new Error("not ready");
  });
  await assert.rejects(server.start(), { message: "not ready" });
  await Promise.all(stops);
  assert.deepEqual([stops.length, runs, server.state], [1, 1, "stopped"]);
  assert.deepEqual(events, ["start", "ready", "error: not ready"]);
});

// contract: S6, S4, E3
test("a start that fails before it listens runs no hooks and does not abort the signal", {
  timeout: 10_000,
}, async (t) => {
  const done: string[] = [];
  const { server: occupant } = observed(t);
  await occupant.start();
  const { server, events } = observed(t, {
    port: occupant.address?.port,
    eventBus: {
      start: async () => void done.push("bus starts"),
      stop: async () => {
        done.push("bus stops");
        throw new Error("nobody sees this");
      },
    },
  });
  server.onShutdown(() => void done.push("hook"));
  server.on("error", () => done.push("error"));
  await assert.rejects(server.start(), { code: "EADDRINUSE" });
  assert.deepEqual(done, ["bus starts", "bus stops", "error"]);
  assert.equal(events.length, 2);
  assert.deepEqual(shown(server), {
    state: "stopped",
    isRunning: false,
    hasAddress: false,
    hasTransport: false,
    aborted: false,
  });
});

// contract: S4
test("start() rejects with a thrown value that is not an Error, and it is emitted as an Error", {
  timeout: 10_000,
}, async (t) => {
  const { server, events } = observed(t);
  server.on("start", () => {
    throw "a string";
  });
  await assert.rejects(server.start(), (error) => error === "a string");
  assert.deepEqual(events, ["start", "error: a string"]);
});

// contract: S5, X9
test("without an error listener, start() and stop() still reject", { timeout: 10_000 }, async () => {
  const failing = createServer({ ...listen, port: 70_000 });
  await assert.rejects(failing.start(), { name: "RangeError", message: /port must be an integer from 0 to 65535/ });
  assert.equal(failing.state, "stopped");

  const server = createServer(listen);
  server.onShutdown(() => Promise.reject(new Error("hook")));
  await server.start();
  await assert.rejects(server.stop(), { message: "hook" });
  assert.equal(server.state, "stopped");
});

test("an error listener that throws is logged, and start() still rejects", { timeout: 10_000 }, async () => {
  const logged: unknown[][] = [];
  const ignore = () => {};
  const error = (...entry: unknown[]) => void logged.push(entry);
  const server = createServer({ ...listen, port: -1, logger: { debug: ignore, info: ignore, warn: ignore, error } });
  const thrown = new Error("in the listener");
  server.on("error", () => {
    throw thrown;
  });
  await assert.rejects(server.start(), { name: "RangeError", message: /port must be an integer/ });
  assert.deepEqual([server.state, logged.length, logged[0]?.[1]], ["stopped", 1, thrown]);
});

test("a service that cannot be mounted fails the start, and no port stays open", { timeout: 10_000 }, async (t) => {
  const { server, events } = observed(t, {
    services: [
      () => {
        throw new Error("no database");
      },
    ],
  });
  await assert.rejects(server.start(), { message: "no database" });
  assert.deepEqual(events, ["start", "error: no database"]);
});

// Failed stops.

// contract: X9, X10
test("failed hooks stop only their dependents; then error and stop are emitted", { timeout: 10_000 }, async (t) => {
  const { server, events } = observed(t);
  const ran: string[] = [];
  server.onShutdown("broken", () => Promise.reject(new Error("first failure")));
  server.onShutdown("also broken", ["slow"], () => {
    throw new Error("second failure");
  });
  server.onShutdown("dependent", ["broken"], () => void ran.push("dependent"));
  server.onShutdown("slow", async () => {
    await sleep(30); // Those that fail have failed by then.
    ran.push("slow");
  });
  server.onShutdown(() => void ran.push("anonymous"));
  await server.start();
  const { shutdownSignal } = server;
  await assert.rejects(server.stop(), { message: "first failure" });
  assert.deepEqual(ran, ["anonymous", "slow"]);
  assert.deepEqual(events, ["start", "ready", "stopping", "error: first failure", "stop"]);
  assert.deepEqual(
    [server.state, server.address, server.transport, shutdownSignal.aborted],
    ["stopped", null, null, true],
  );
});

// contract: X11
test("a stopping listener that throws is reported, and shutdown continues", { timeout: 10_000 }, async (t) => {
  const { server, events } = observed(t);
  let hookRan = false;
  server.onShutdown(() => {
    hookRan = true;
  });
  server.on("stopping", () => {
    throw new Error("in the listener");
  });
  await server.start();
  const { port } = server.address ?? assert.fail();
  await server.stop();
  assert.deepEqual(events, ["start", "ready", "stopping", "error: in the listener", "stop"]);
  assert.deepEqual([server.state, hookRan, server.shutdownSignal.aborted], ["stopped", true, true]);
  assert.equal(await isOpen(port), false);
});

// contract: G-hook
test("a hook can be added until the server has stopped; one added while hooks run is not called", {
  timeout: 10_000,
}, async (t) => {
  const { server } = observed(t);
  const ran: string[] = [];
  const add = (name: string) => server.onShutdown(name, () => void ran.push(name));
  add("created");
  server.on("start", () => add("starting"));
  server.on("ready", () => add("running"));
  server.on("stopping", () => add("stopping"));
  server.onShutdown(() => add("too late"));
  await server.start();
  await server.stop();
  assert.deepEqual(ran, ["created", "starting", "running", "stopping"]);
  assert.throws(() => add("stopped"), { message: "Cannot add shutdown hook: server is already stopped" });
});

// contract: X5
test("the drain timeout does not limit hooks", { timeout: 10_000 }, async (t) => {
  const { server } = observed(t, { shutdown: { timeout: 1 } });
  let hasRun = false;
  server.onShutdown(async () => {
    await sleep(50); // Longer than the timeout.
    hasRun = true;
  });
  await server.start();
  await server.stop();
  assert.equal(hasRun, true);
});

// contract: DEC-hooks-after, X3
test("hooks run when the calls in flight have ended, before the server is stopped", { timeout: 10_000 }, async (t) => {
  const order: string[] = [];
  const { promise: entered, resolve: isIn } = deferred();
  const { server } = observed(t, {
    services: [
      (router) =>
        router.service(EchoService, {
          async echo() {
            isIn();
            await sleep(50); // A server that did not wait for the call would run its hook meanwhile.
            order.push("handler ends");
            return { text: "in time" };
          },
        }),
    ],
  });
  server.onShutdown(() => void order.push(`hook while ${server.state}, address ${server.address !== null}`));
  await server.start();
  const baseUrl = `http://127.0.0.1:${server.address?.port}`;
  const client = createClient(EchoService, createConnectTransport({ baseUrl, httpVersion: "1.1" }));
  const call = client.echo({});
  await entered;
  await server.stop();
  order.push("stopped");
  assert.equal((await call).text, "in time");
  assert.deepEqual(order, ["handler ends", "hook while stopping, address true", "stopped"]);
});

// contract: X8
test("an error while draining is reported; hooks still run, then stop() rejects", { timeout: 10_000 }, async (t) => {
  const failure = new Error("no draining today");
  t.mock.method(NativeServer.prototype, "drain", () => Promise.reject(failure));
  const printed = t.mock.method(console, "error", () => {});
  const { server, url } = await serve(t, { services: [] });
  const done: string[] = [];
  server.onShutdown(() => void done.push("hook"));
  server.on("error", (error) => void done.push(`error ${error === failure}`));
  server.on("stop", () => void done.push("stop"));
  await assert.rejects(server.stop(), failure);
  assert.deepEqual(done, ["hook", "error true", "stop"]);
  assert.deepEqual(printed.mock.calls[0]?.arguments, ["Error during graceful close:", failure]);
  assert.deepEqual([server.state, server.address, server.transport], ["stopped", null, null]);
  await assert.rejects(fetch(url), "nothing listens any more");
});

test("draining that fails leaves nothing open", { timeout: 10_000 }, async (t) => {
  t.mock.method(console, "error", () => {});
  const shutdown = { timeout: 500 };
  const { server, events } = observed(t, { shutdown });
  await server.start();
  const { port } = server.address ?? assert.fail();
  shutdown.timeout = Number.NaN;
  await assert.rejects(server.stop(), { name: "RangeError", message: /shutdown\.timeout/ });
  assert.equal(events.at(-1), "stop");
  assert.equal(await isOpen(port), false);
});

test("hooks that fail after a failed start are logged; the start rejects with its own error", {
  timeout: 10_000,
}, async () => {
  const logged: unknown[][] = [];
  const ignore = () => {};
  const logger = { debug: ignore, info: ignore, warn: ignore, error: (...entry: unknown[]) => void logged.push(entry) };
  const server = createServer({ services: [], port: 0, host: "127.0.0.1", logger });
  const [cause, hook] = [new Error("ready"), new Error("hook")];
  server.on("ready", () => {
    throw cause;
  });
  server.onShutdown(() => Promise.reject(hook));
  await assert.rejects(server.start(), cause);
  assert.deepEqual(logged, [["a shutdown hook without a name failed", hook]]);
});
