// Invalid options: each object of options rejects unknown keys and wrong values, with a text that says what is right.
// The tables are in the folder of the same name, one row for each option at least: the compiler counts them.
import assert from "node:assert/strict";
import { constants } from "node:os";
import process from "node:process";
import { test } from "node:test";
import { inspect } from "node:util";
import { type CreateServerOptions, createServer } from "@connectum/core";
import { serve } from "./support/serve.ts";
import * as clients from "./wrong-options/clients.ts";
import { cors } from "./wrong-options/cors.ts";
import * as http2 from "./wrong-options/http2.ts";
import * as interceptors from "./wrong-options/interceptors.ts";
import { listener } from "./wrong-options/listener.ts";
import { errorOf, type OptionsObject } from "./wrong-options/options-object.ts";
import * as otel from "./wrong-options/otel.ts";
import * as protocols from "./wrong-options/protocols.ts";
import * as protofake from "./wrong-options/protofake.ts";
import { server } from "./wrong-options/server.ts";
import { service } from "./wrong-options/service.ts";
import { shutdown } from "./wrong-options/shutdown.ts";
import * as testing from "./wrong-options/testing.ts";
import { tls } from "./wrong-options/tls.ts";

type AnyObject = Omit<OptionsObject<Record<string, unknown>>, "wrong"> & {
  readonly wrong: Readonly<Record<string, readonly (readonly [options: object, error: string])[]>>;
};

const objects = [
  server,
  listener,
  tls,
  cors,
  shutdown,
  ...Object.values(http2),
  service,
  ...Object.values(protocols),
  ...Object.values(interceptors),
  ...Object.values(clients),
  ...Object.values(otel),
  ...Object.values(testing),
  ...Object.values(protofake),
] as readonly unknown[] as readonly AnyObject[];

for (const { name, prefix, use, needed, valid = needed, hasMoreKeys, wrong, mistaken = {} } of objects) {
  const what = prefix === "" ? name : `${name}: ${prefix.slice(0, -1)}`;

  // contract: O-services
  test(`${what}: wrong values are rejected, with the whole text`, { timeout: 30_000 }, async () => {
    for (const [option, rows] of Object.entries(wrong)) {
      for (const [options, error] of rows) {
        assert.equal(
          await errorOf(() => use({ ...needed, ...options })),
          error,
          `${option}: ${inspect(options, { depth: 0 })}`,
        );
      }
    }
  });

  test(`${what}: a key that does not exist is rejected, and the known ones are named`, {
    timeout: 30_000,
  }, async () => {
    const known = Object.keys(wrong).sort();
    const error = (await errorOf(() => use({ ...needed, qqqqqqqqqq: 1 }))) ?? "";
    const [complaint, right = ""] = error.split(". It can be ");
    assert.equal(complaint, `TypeError: ${name}: there is no option "${prefix}qqqqqqqqqq"`);
    const named = [...right.matchAll(/"(\w+)"/g)].map(([, key]) => key ?? "");
    if (hasMoreKeys)
      assert.deepEqual(
        known.filter((key) => !named.includes(key)),
        [],
      );
    else assert.deepEqual(named.sort(), known);
    assert.equal(await errorOf(() => use({ ...valid, qqqqqqqqqq: undefined })), undefined, "undefined is absent");
  });

  test(`${what}: for a misspelt key the nearest one is named`, { timeout: 60_000 }, async () => {
    const misspelt = (key: string) => [key.slice(0, -1) + key.slice(-1).repeat(2), key.toUpperCase(), `_${key}`];
    const expected = Object.keys(wrong).flatMap((key) => misspelt(key).map((wrongKey) => [wrongKey, key] as const));
    for (const [given, meant] of [...expected, ...Object.entries(mistaken)]) {
      const error = `TypeError: ${name}: there is no option "${prefix}${given}". Did you mean "${prefix}${meant}"?`;
      assert.equal(await errorOf(() => use({ ...needed, [given]: 1 })), error);
    }
  });

  test(`${what}: something else than an object is rejected`, { timeout: 30_000 }, async () => {
    for (const [value, shown] of [
      [[], "an array"],
      ["strict", '"strict"'],
      [1, "1"],
      [new Map(), "a Map"],
      [Promise.resolve({}), "a promise"],
    ] as const) {
      const error = (await errorOf(() => use(value))) ?? "";
      assert.match(error, /^TypeError: /);
      assert.ok(error.includes("must be an object") && error.endsWith(`not ${shown}`), error);
    }
  });
}

// contract: O-services
test("createServer() itself rejects only options and services that are none", () => {
  const need = "as in createServer({ services: [routes] })";
  for (const [options, message] of [
    [undefined, `createServer: the options must be an object, ${need}: there are none`],
    [null, `createServer: the options must be an object, ${need}: not null`],
    [[], `createServer: the options must be an object, ${need}: not an array`],
    [Promise.resolve({}), `createServer: the options must be an object, ${need}: not a promise`],
    [{}, `createServer: services must be an array, ${need}, not undefined`],
    [{ services: 1 }, `createServer: services must be an array, ${need}, not 1`],
    [{ service: [] }, 'createServer: there is no option "service". Did you mean "services"?'],
  ] as const) {
    assert.throws(() => createServer(options as unknown as CreateServerOptions), { name: "TypeError", message });
  }
  for (const [options] of Object.values(server.wrong).flat()) {
    if ("services" in options && !Array.isArray(options["services"])) continue;
    const given: object = { services: [], ...options };
    assert.equal(createServer(given as CreateServerOptions).state, "created");
  }
  const listed = new Set([() => {}]) as unknown as CreateServerOptions["services"];
  assert.equal(createServer({ services: listed }).routes.length, 1);
});

test("an option that is wrong rejects start(), and the server is stopped", { timeout: 10_000 }, async () => {
  const failing = createServer({ services: [], port: -1, host: "127.0.0.1" });
  await assert.rejects(failing.start(), { name: "RangeError" });
  assert.deepEqual([failing.state, failing.address, failing.transport], ["stopped", null, null]);
});

test("an invalid option is reported before anything is mounted or started", { timeout: 10_000 }, async () => {
  const order: string[] = [];
  const server = createServer({
    services: [() => void order.push("mounted")],
    eventBus: { start: async () => void order.push("bus starts"), stop: async () => {} },
    port: -1,
  });
  await assert.rejects(server.start(), { name: "RangeError" });
  assert.deepEqual(order, []);
});

test("all signals of this platform except two can be handled", { timeout: 10_000 }, async (t) => {
  const unwatchable = ["SIGKILL", "SIGSTOP"];
  const signals = Object.keys(constants.signals).filter((name) => !unwatchable.includes(name)) as NodeJS.Signals[];
  const listeners = () => signals.map((signal) => process.listenerCount(signal));
  const before = listeners();
  const { server } = await serve(t, { services: [], shutdown: { autoShutdown: true, signals } });
  assert.deepEqual(
    listeners(),
    before.map((count) => count + 1),
  );
  await server.stop();
  assert.deepEqual(listeners(), before);
});

test("empty lists act like absent ones", { timeout: 10_000 }, async () => {
  const server = createServer({ services: [], port: 0, host: "127.0.0.1", interceptors: [], protocols: [] });
  await server.start();
  await server.stop();
});
