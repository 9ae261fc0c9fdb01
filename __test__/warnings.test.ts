// Warnings of what is allowed but probably a mistake: to the logger, and without one to the console.
import assert from "node:assert/strict";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { format } from "node:util";
import type { ConnectRouter, Interceptor, ServiceImpl } from "@connectrpc/connect";
import { type CreateServerOptions, createServer, defineService } from "@connectum/core";
import {
  createDefaultInterceptors,
  createMethodFilterInterceptor,
  createRetryInterceptor,
} from "@connectum/interceptors";
import { EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";
import { certificate, identity } from "./support/certificates.ts";
import { consoleLines } from "./support/console-lines.ts";
import { serve } from "./support/serve.ts";

type Handlers = Partial<ServiceImpl<typeof EchoService>>;

const silent = () => {};
const SERVICE = "connectum.test.v1.EchoService";
const routes = (handlers: object) => (router: ConnectRouter) => void router.service(EchoService, handlers as Handlers);

/** The warnings of a server from its start to its end. */
async function warningsOf(t: TestContext, options: Partial<CreateServerOptions>): Promise<unknown[]> {
  const warnings: unknown[] = [];
  const logger = { debug: silent, info: silent, warn: (text: string) => void warnings.push(text), error: silent };
  const { server } = await serve(t, { services: [routes({})], logger, ...options });
  await server.stop();
  return warnings;
}

const cases: [what: string, options: Partial<CreateServerOptions>, warnings: string[]][] = [
  ["nothing unusual", { services: [routes({ echo: () => ({}) })] }, []],
  [
    "enabledServices with a misspelt name",
    { enabledServices: ["connectum.test.v1.EchoServce"] },
    [
      'createServer: enabledServices has "connectum.test.v1.EchoServce", which services does not have. ' +
        `Did you mean "${SERVICE}"?`,
    ],
  ],
  [
    "enabledServices with another name",
    { enabledServices: [SERVICE, "a.B"] },
    [`createServer: enabledServices has "a.B", which services does not have. There are ${SERVICE}.`],
  ],
  [
    "a service twice",
    { services: [routes({}), defineService(EchoService, {} as never)] },
    [`createServer: the service ${SERVICE} is registered twice; the later handlers serve its calls`],
  ],
  [
    "a handler with a misspelt name",
    { services: [routes({ ecko: silent, EchoGet: silent, helper: silent, echoServerStreams: 1 })] },
    [
      `${SERVICE}: there is no method "ecko", and "echo" has no handler. Did you mean "echo"?`,
      `${SERVICE}: there is no method "EchoGet", and "echoGet" has no handler. Did you mean "echoGet"?`,
    ],
  ],
  ["a similar name beside the handler", { services: [routes({ ecko: silent, echo: silent })] }, []],
  [
    "a class with functions of its own",
    {
      services: [
        routes(
          new (class {
            ecko() {}
          })(),
        ),
      ],
    },
    [],
  ],
  [
    "unknown keys of protobuf-es's options",
    { jsonOptions: { ignoreUnknownField: false } as object, binaryOptions: { colour: 1 } as object },
    [
      'createServer: binaryOptions has "colour", which protobuf-es does not know.',
      'createServer: jsonOptions has "ignoreUnknownField", which protobuf-es does not know. ' +
        'Did you mean "ignoreUnknownFields"?',
    ],
  ],
  [
    "options of node:http2 for TLS, without TLS",
    { http2Options: { requestCert: true, ca: "a", minVersion: "TLSv1.3" } },
    ["createServer: http2Options: no effect: ca, requestCert, minVersion"],
  ],
  [
    "options of node:http2 that those of tls replace",
    {
      tls: { ...identity("server"), clientAuth: "none" },
      http2Options: { requestCert: true, rejectUnauthorized: true },
    },
    ["createServer: http2Options: no effect: requestCert, rejectUnauthorized"],
  ],
  [
    "options of node:http2 that decide about clients",
    { tls: identity("server"), http2Options: { requestCert: true, ca: certificate("ca.crt") } },
    [],
  ],
  [
    "signals without autoShutdown",
    { shutdown: { signals: ["SIGUSR2"] } },
    ["createServer: shutdown.signals has no effect: shutdown.autoShutdown is not true"],
  ],
  [
    "autoShutdown without signals",
    { shutdown: { autoShutdown: true, signals: [] } },
    ["createServer: shutdown.signals has no effect: there are none"],
  ],
  ["a helper among the handlers", { services: [routes({ echoHelper: silent })] }, []],
  [
    "options of node:http2 without an effect",
    { http2Options: { key: "a", maxSessionMemory: 10, settings: { enablePush: false } } },
    ["createServer: http2Options: no effect: key, maxSessionMemory, settings.enablePush"],
  ],
];

for (const [what, options, expected] of cases) {
  test(`${what}: ${expected.length} warnings`, { timeout: 10_000 }, async (t) => {
    assert.deepEqual(await warningsOf(t, options), expected);
  });
}

test("without a logger they go to the console, and so does the address", { timeout: 10_000 }, async (t) => {
  const [warnings, infos] = [consoleLines(t, "warn"), consoleLines(t, "info")];
  const server = createServer({ services: [routes({})], port: 0, host: "127.0.0.1", enabledServices: ["a.B"] });
  await server.start();
  const { port } = server.address ?? assert.fail("it listens");
  await server.stop();
  assert.equal(warnings.length, 1);
  assert.deepEqual(infos, [[`Server listening 127.0.0.1:${port}`]]);
});

// contract: S3
test("with a logger the address goes there, and a logger that throws does not matter", {
  timeout: 10_000,
}, async (t) => {
  const infos = consoleLines(t, "info");
  const told: unknown[] = [];
  const logger = { debug: silent, info: (text: string) => void told.push(text), warn: silent, error: silent };
  const { port } = await serve(t, { services: [], logger });
  assert.deepEqual([infos, told], [[], [`Server listening 127.0.0.1:${port}`]]);
  const broken = () => {
    throw new Error("the log is full");
  };
  const { url } = await serve(t, {
    services: [routes({})],
    enabledServices: ["a.B"],
    logger: { debug: broken, info: broken, warn: broken, error: broken },
  });
  assert.equal((await fetch(url)).status, 404);
});

// contract: PR3
test("an httpHandler that returns a promise: one warning, and the request is handled", {
  timeout: 10_000,
}, async (t) => {
  const warnings: unknown[] = [];
  const logger = { debug: silent, info: silent, warn: (text: string) => void warnings.push(text), error: silent };
  const httpHandler = (async (_: unknown, response: { end(text: string): void }) => response.end("late")) as never;
  const { url } = await serve(t, {
    services: [],
    logger,
    protocols: [{ name: "pages", register() {}, httpHandler }],
  });
  for (let times = 0; times < 3; times += 1) assert.equal(await (await fetch(url)).text(), "late");
  assert.deepEqual(warnings, [
    'the httpHandler of the protocol "pages" returned a promise, which counts as true even if it resolves to false. ' +
      "Return true or false at once",
  ]);
});

// contract: H3
test("a hook that depends on one that does not exist: a warning when the server stops", {
  timeout: 10_000,
}, async (t) => {
  const warnings: unknown[] = [];
  const logger = { debug: silent, info: silent, warn: (text: string) => void warnings.push(text), error: silent };
  const { server } = await serve(t, { services: [], logger });
  const order: string[] = [];
  server.onShutdown("cache", ["databse", "metrics"], () => void order.push("cache"));
  server.onShutdown("database", () => void order.push("database"));
  assert.deepEqual(warnings, [], "it may come later");
  await server.stop();
  assert.deepEqual(order.sort(), ["cache", "database"]);
  assert.deepEqual(warnings, [
    'onShutdown: the hook "cache" depends on "databse", which no hook has. Did you mean "database"?',
    'onShutdown: the hook "cache" depends on "metrics", which no hook has.',
  ]);
});

test("onShutdown refuses what it does not take, and a failed registration changes nothing", {
  timeout: 10_000,
}, async (t) => {
  const { server } = await serve(t, { services: [] });
  const add = (...given: unknown[]) => Reflect.apply(server.onShutdown, server, given);
  for (const [given, message] of [
    [[], "onShutdown: the last argument must be a function"],
    [["a", silent, ["b"]], "onShutdown: the last argument must be a function"],
    [[1, silent], "onShutdown: the name must be a string, not 1"],
    [[["a"], silent], "onShutdown: the name must be a string, not an array"],
    [["a", "b", silent], 'onShutdown: the dependencies must be an array, not "b"'],
    [["a", [1], silent], "onShutdown: the dependencies[0] must be a string, not 1"],
  ] as const) {
    assert.throws(() => add(...given), { name: "TypeError", message });
  }
  await server.stop();
});

test("a logger whose promises reject, and one that takes formats: nothing is lost", { timeout: 10_000 }, async (t) => {
  const lines: string[] = [];
  const rejecting = async () => {
    throw new Error("the log is full");
  };
  const logger = {
    debug: rejecting,
    info: rejecting,
    warn: rejecting,
    error: (...given: unknown[]) => void lines.push(format(...given)),
  };
  const { url } = await serve(t, {
    services: [],
    logger,
    protocols: [
      {
        name: "failing",
        register() {},
        httpHandler() {
          throw new Error("no page");
        },
      },
    ],
  });
  assert.equal((await fetch(`${url}/%c%o`)).status, 500);
  assert.match(String(lines), /^httpHandler failed for GET \/%c%o Error: no page\n/);
});

test("a listener of an event that no server emits: a warning, whichever way it is added", {
  timeout: 10_000,
}, async () => {
  const warnings: unknown[] = [];
  const logger = { debug: silent, info: silent, warn: (text: string) => void warnings.push(text), error: silent };
  const server = createServer({ services: [], port: 0, host: "127.0.0.1", logger });
  const emitter = server as unknown as NodeJS.EventEmitter;
  for (const event of ["ready", "error", "newListener", Symbol("mine")]) emitter.on(event, silent);
  assert.deepEqual(warnings, []);
  emitter.on("redy", silent).addListener("stopped", silent).prependListener("a", silent).once("starting", silent);
  assert.deepEqual(warnings, [
    'server.on: a server does not emit "redy". Did you mean "ready"?',
    'server.on: a server does not emit "stopped". Did you mean "stop"?',
    'server.on: a server does not emit "a". There are start, ready, stopping, stop, error, tlsReload, tlsReloadError.',
    'server.on: a server does not emit "starting". Did you mean "start"?',
  ]);
  const ready = once(server, "ready");
  await server.start();
  await ready;
  await server.stop();
});

test("interceptors that are a list or a factory are refused, and nothing is called", { timeout: 10_000 }, async () => {
  const list = createDefaultInterceptors() as unknown as Interceptor;
  const factory = createRetryInterceptor as unknown as Interceptor;
  const spread = "Did you mean to spread it, as in `...createDefaultInterceptors()`?";
  const makes = "is a function that makes interceptors, not one. Did you mean";
  const all = createDefaultInterceptors as unknown as Interceptor;
  for (const [options, message] of [
    [{ interceptors: [list] }, `createServer: interceptors[0] must be a function, not an array. ${spread}`],
    [{ interceptors: [factory] }, `createServer: interceptors[0] ${makes} \`createRetryInterceptor()\`?`],
    [{ interceptors: [all] }, `createServer: interceptors[0] ${makes} \`...createDefaultInterceptors()\`?`],
    [
      { services: [(router: ConnectRouter) => router.service(EchoService, {}, { interceptors: [factory] })] },
      `${SERVICE}: interceptors[0] ${makes} \`createRetryInterceptor()\`?`,
    ],
  ] as const) {
    const server = createServer({ services: [], port: 0, host: "127.0.0.1", ...options } as CreateServerOptions);
    await assert.rejects(server.start(), { name: "TypeError", message });
  }
  assert.throws(() => createMethodFilterInterceptor({ "*": [factory] }), {
    name: "TypeError",
    message: `createMethodFilterInterceptor: "*"[0] ${makes} \`createRetryInterceptor()\`?`,
  });
  assert.throws(() => createMethodFilterInterceptor({ "*": factory } as never), {
    name: "TypeError",
    message: 'createMethodFilterInterceptor: "*" must be an array, not a function',
  });
});

test("a handler that is no function is refused, undefined is no handler", { timeout: 10_000 }, async (t) => {
  for (const [handlers, message] of [
    [{ echo: null }, `${SERVICE}: the handler "echo" must be a function, not null`],
    [{ echoGet: "later" }, `${SERVICE}: the handler "echoGet" must be a function, not "later"`],
  ] as const) {
    const server = createServer({ services: [routes(handlers)], port: 0, host: "127.0.0.1" });
    await assert.rejects(server.start(), { name: "TypeError", message });
  }
  const byMethod = (router: ConnectRouter) => router.rpc(EchoService.method.echo, undefined as never);
  await assert.rejects(createServer({ services: [byMethod], port: 0, host: "127.0.0.1" }).start(), {
    name: "TypeError",
    message: `${SERVICE}: the handler "echo" must be a function, not undefined`,
  });
  const descriptor = (router: ConnectRouter) => router.service({} as never, {});
  await assert.rejects(createServer({ services: [descriptor], port: 0, host: "127.0.0.1" }).start(), {
    name: "TypeError",
    message:
      "router.service: the first argument must be the descriptor of a service, which generated code exports, not an object",
  });
  assert.deepEqual(await warningsOf(t, { services: [routes({ echo: undefined })] }), []);
});

test("a function in services may return the router or an array", { timeout: 10_000 }, async (t) => {
  const server = await serve(t, {
    services: [
      (router) => router.service(EchoService, {}),
      (router) => [router],
      // @ts-expect-error an async function registers too late
      ...[async () => {}].slice(1),
    ],
  });
  assert.equal(server.server.hasService(EchoService), true);
});
