// Healthcheck() by itself: its options, and the state that a server of core uses.
import assert from "node:assert/strict";
import process from "node:process";
import { type TestContext, test } from "node:test";
import { createRouterTransport } from "@connectrpc/connect";
import type { BuiltInProtocol, HealthSink, HealthState, ProtocolRegistration } from "@connectum/core/types";
import { eventually } from "../../../__test__/support/eventually.ts";
import { Healthcheck } from "./healthcheck.ts";
import { createHealthcheckManager, healthcheckManager } from "./healthcheck-manager.ts";
import { type HealthcheckOptions, resolveOptions } from "./healthcheck-options.ts";
import { ServingStatus } from "./serving-status.ts";

const { UNKNOWN, SERVING, NOT_SERVING } = ServingStatus;

/** The description by which core serves the protocol. */
function stateOf(protocol: ProtocolRegistration): HealthState {
  const description: BuiltInProtocol | undefined = Reflect.get(protocol, Symbol.for("connectum.protocol"));
  if (description?.kind !== "health") throw new Error("it does not say that it is health");
  return description.state;
}

/** A server that records its changes. */
function sink(): HealthSink & { readonly reported: unknown[] } {
  const reported: unknown[] = [];
  return { reported, set: (changes) => void reported.push(changes), eventLoopLagMs: () => 5 };
}

/** Sets the variables of health for one test. */
function withVariables(t: TestContext, variables: Record<string, string>): void {
  const names = ["HTTP_HEALTH_ENABLED", "HTTP_HEALTH_PATH"];
  const before = Object.fromEntries(names.map((name) => [name, process.env[name]]));
  const set = (values: Record<string, string | undefined>) => {
    for (const name of names) {
      if (values[name] === undefined) delete process.env[name];
      else process.env[name] = values[name];
    }
  };
  set(variables);
  t.after(() => set(before));
}

// contract: HC-1, HC-described
test("each call creates a new protocol, with a description by which Rust serves it", () => {
  const [one, other] = [Healthcheck(), Healthcheck()];
  assert.equal(one.name, "healthcheck");
  assert.notEqual(one, other);
  assert.notEqual(stateOf(one), stateOf(other));
  const { interceptors, httpPaths, eventLoopTimeout, livenessTimeout } = stateOf(one);
  assert.deepEqual(
    { interceptors, httpPaths, eventLoopTimeout, livenessTimeout },
    {
      interceptors: false,
      httpPaths: [],
      eventLoopTimeout: 1_000,
      livenessTimeout: 30_000,
    },
  );
  const given = {
    interceptors: true,
    httpEnabled: true,
    httpPaths: ["/a", "/a"],
    eventLoopTimeout: 2,
    livenessTimeout: 3,
  };
  const state = stateOf(Healthcheck(given));
  assert.deepEqual([state.interceptors, state.httpPaths], [true, ["/a"]]);
  assert.deepEqual([state.eventLoopTimeout, state.livenessTimeout], [2, 3]);
});

// contract: HC-options
test("the defaults", () => {
  const { logger, ...settings } = resolveOptions({}, {});
  assert.equal(logger, console);
  assert.deepEqual(settings, {
    httpEnabled: false,
    httpPaths: ["/healthz", "/health", "/readyz", "/livez", "/startupz"],
    manager: healthcheckManager,
    interceptors: false,
    autoServing: false,
    eventLoopTimeout: 1_000,
    livenessTimeout: 30_000,
    checks: new Map(),
    checkInterval: 10_000,
    checkTimeout: 5_000,
  });
  const absent = Object.fromEntries(Object.keys(settings).map((name) => [name, undefined]));
  assert.deepEqual(resolveOptions(absent, {}), { logger, ...settings });
  assert.ok(Healthcheck({ watchInterval: 10 }), "an option of old programs");
});

const words: [string, boolean][] = [
  ["true", true],
  ["1", true],
  ["yes", true],
  ["false", false],
  ["0", false],
  ["no", false],
  ["", false],
];

for (const [text, enabled] of words) {
  // contract: HC-env
  test(`HTTP_HEALTH_ENABLED=${text}: plain HTTP is ${enabled ? "" : "not "}served, unless the option decides otherwise`, (t) => {
    withVariables(t, { HTTP_HEALTH_ENABLED: text });
    assert.equal(Healthcheck().httpHandler !== undefined, enabled);
    assert.equal(stateOf(Healthcheck()).httpPaths.length, enabled ? 5 : 0);
    assert.equal(Healthcheck({ httpEnabled: !enabled }).httpHandler !== undefined, !enabled);
  });
}

// contract: HC-env
test("HTTP_HEALTH_PATH replaces /healthz among the default paths, and nothing else", (t) => {
  withVariables(t, { HTTP_HEALTH_PATH: "/up" });
  const paths = (options: HealthcheckOptions) => stateOf(Healthcheck({ httpEnabled: true, ...options })).httpPaths;
  assert.deepEqual(paths({}), ["/up", "/health", "/readyz", "/livez", "/startupz"]);
  assert.deepEqual(paths({ httpPaths: ["/own"] }), ["/own"]);
  assert.deepEqual(paths({ httpPaths: [] }), []);
  process.env["HTTP_HEALTH_PATH"] = "/readyz";
  assert.deepEqual(paths({}), ["/readyz", "/health", "/livez", "/startupz"]);
  process.env["HTTP_HEALTH_PATH"] = "";
  assert.deepEqual(paths({})[0], "/healthz");
});

// contract: HC-env
test("the variables are read when Healthcheck() is called", (t) => {
  withVariables(t, {});
  const before = Healthcheck();
  process.env["HTTP_HEALTH_ENABLED"] = "true";
  assert.equal(before.httpHandler, undefined);
  assert.ok(Healthcheck().httpHandler);
});

const wrongVariables: [Record<string, string>, RegExp][] = [
  [
    { HTTP_HEALTH_ENABLED: "TRUE" },
    /variable HTTP_HEALTH_ENABLED must be one of 0, 1, false, no, true, yes, not "TRUE"/,
  ],
  [{ HTTP_HEALTH_ENABLED: "constructor" }, /variable HTTP_HEALTH_ENABLED must be one of/],
  [{ HTTP_HEALTH_PATH: "healthz" }, /variable HTTP_HEALTH_PATH must be a path that begins with "\/".*, not "healthz"/],
];

for (const [variables, message] of wrongVariables) {
  // contract: HC-env, HC-wrong-options
  test(`an invalid variable is named: ${JSON.stringify(variables)}`, (t) => {
    withVariables(t, variables);
    assert.throws(() => Healthcheck(), { name: "TypeError", message });
  });
}

const wrong: [unknown, string][] = [
  [null, "Healthcheck: the options must be an object, not null"],
  [{ httpEnabled: "yes" }, 'Healthcheck: httpEnabled must be true or false, not "yes"'],
  [{ interceptors: [] }, "Healthcheck: interceptors must be true or false, not an array"],
  [{ autoServing: 1 }, "Healthcheck: autoServing must be true or false, not 1"],
  [{ httpPaths: "/healthz" }, 'Healthcheck: httpPaths must be an array of paths, not "/healthz"'],
  [
    { httpPaths: ["/a", "b"] },
    'Healthcheck: httpPaths[1] must be a path that begins with "/" and has no query, not "b"',
  ],
  [
    { manager: {} },
    "Healthcheck: manager must come from createHealthcheckManager() of this copy of @connectum/healthcheck, not be an object",
  ],
  [
    { eventLoopTimeout: 0 },
    "Healthcheck: eventLoopTimeout must be an integer of milliseconds from 1 to 2147483647, not 0",
  ],
  [
    { livenessTimeout: 2 ** 31 },
    "Healthcheck: livenessTimeout must be an integer of milliseconds from 1 to 2147483647, not 2147483648",
  ],
  [
    { checkInterval: "5s" },
    'Healthcheck: checkInterval must be an integer of milliseconds from 1 to 2147483647, not "5s"',
  ],
  [{ checkTimeout: 1.5 }, "Healthcheck: checkTimeout must be an integer of milliseconds from 1 to 2147483647, not 1.5"],
  [{ checks: [] }, "Healthcheck: checks must be an object of functions, not an array"],
  [{ checks: { db: true } }, 'Healthcheck: checks["db"] must be a function, not true'],
  [{ checks: { "": () => {} } }, "Healthcheck: checks: Component name must not be empty"],
  [
    { checks: { "a.b": () => {} } },
    "Healthcheck: checks: Component name 'a.b' must not contain dots: dotted names are reserved for RPC service typeNames",
  ],
  [{ logger: {} }, "Healthcheck: logger must be an object with the method error, not an object"],
];

for (const [options, message] of wrong) {
  // contract: HC-wrong-options
  test(`rejected: ${message}`, () => {
    assert.throws(() => Healthcheck(options as HealthcheckOptions), { name: "TypeError", message });
  });
}

// contract: HC-described, HC-once
test("a server passes its services and gets every entry, then each change, until it has stopped", () => {
  const manager = createHealthcheckManager();
  manager.update(SERVING);
  const state = stateOf(Healthcheck({ manager }));
  state.initialize(["a.One", "a.Two"]);
  const server = sink();
  const detach = state.attach(server);
  assert.equal(manager.eventLoopLagMs, 5);
  manager.update(NOT_SERVING);
  state.ready();
  detach();
  detach();
  manager.update(SERVING);
  assert.equal(manager.eventLoopLagMs, 0);
  const all = (status: ServingStatus) => ["a.One", "a.Two"].map((name) => [name, status]);
  assert.deepEqual(server.reported, [all(SERVING), all(NOT_SERVING)]);
});

// contract: HC-autoServing
test("with autoServing the services are SERVING when the server is ready, in one batch; components are not", () => {
  const manager = createHealthcheckManager();
  manager.register("db");
  const state = stateOf(Healthcheck({ manager, autoServing: true }));
  state.initialize(["a.One", "a.Two"]);
  manager.initialize(["a.Two", "of.Another"]);
  const server = sink();
  state.attach(server);
  state.ready();
  assert.deepEqual(server.reported.slice(1), [[["a.Two", SERVING]]]);
  assert.deepEqual([manager.getStatus("of.Another")?.status, manager.getStatus("db")?.status], [UNKNOWN, UNKNOWN]);
});

// contract: HC-described
test("register() does not add the services of a core server, which knows them only later", () => {
  const manager = createHealthcheckManager();
  manager.update(SERVING);
  const protocol = Healthcheck({ manager });
  const server = { services: [], applicationServices: [], shutdownSignal: new AbortController().signal };
  createRouterTransport((router) => protocol.register(router, { registry: [], server }));
  assert.equal(manager.getAllStatuses().size, 0);
  stateOf(protocol).initialize(["a.One"]);
  assert.equal(manager.getStatus("a.One")?.status, SERVING);
});

// contract: HC-checks, HC-check-times
test("checks run while servers are attached, once for all of them", { timeout: 20_000 }, async (t) => {
  const manager = createHealthcheckManager();
  let runs = 0;
  const checks = {
    db: () => {
      runs += 1;
    },
  };
  const state = stateOf(Healthcheck({ manager, checks, checkInterval: 60_000 }));
  state.initialize([]);
  assert.equal(manager.getStatus("db"), undefined);
  const [one, other] = [sink(), sink()];
  const detach = [state.attach(one), state.attach(other)];
  t.after(() => detach.forEach((end) => void end()));
  await eventually(() => manager.getStatus("db")?.status === SERVING, "the first result");
  assert.deepEqual(one.reported, [[["db", UNKNOWN]], [["db", SERVING]]]);
  assert.equal(runs, 1);
  detach[0]?.();
  assert.equal(manager.getStatus("db")?.status, SERVING);
  detach[1]?.();
  assert.equal(manager.getStatus("db"), undefined);
});

test("a server whose sink throws leaves no check running", () => {
  const manager = createHealthcheckManager();
  const state = stateOf(Healthcheck({ manager, checks: { db: () => {} } }));
  const refusing: HealthSink = {
    set() {
      throw new Error("closed");
    },
    eventLoopLagMs: () => 9,
  };
  assert.throws(() => state.attach(refusing), /^Error: closed$/);
  assert.deepEqual([manager.getStatus("db"), manager.eventLoopLagMs], [undefined, 0]);
});
