// Starting and stopping servers again and again leaks no socket, no thread and no memory.
import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { Agent, type ClientRequest, request } from "node:http";
import { type ClientHttp2Session, type ClientHttp2Stream, connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import process from "node:process";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient, createContextKey, type HandlerContext, type Interceptor } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { createServer, type ProtocolRegistration, type Server } from "@connectum/core";
import { type HealthState, withBuiltInProtocol } from "@connectum/hooks";
import { EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";
import { collectGarbage } from "./support/collect-garbage.ts";
import { eventually } from "./support/eventually.ts";
import { serveEcho } from "./support/serve-echo.ts";

const LOOPS = 200;
/** Descriptors and threads that come and go by themselves. */
const SLACK = 3;
const MIB = 1024 * 1024;
const MAX_GROWTH_BYTES = 48 * MIB;
const RESPONSE_BYTES = 2 * MIB;
/** A few buffers of the last calls. */
const MAX_BUFFERS_LEFT = 16 * MIB;

const count = (what: "fd" | "task") => readdirSync(`/proc/self/${what}`).length;

/** Waits for descriptors and threads that are about to disappear: a thread ends a moment after it was joined. */
async function settled(what: "fd" | "task", limit: number): Promise<number> {
  for (let attempt = 0; attempt < 100 && count(what) > limit; attempt += 1) await sleep(20);
  return count(what);
}

/** Calls that never end. */
let inFlight = 0;

async function callsStarted(calls: number) {
  await eventually(() => inFlight === calls, `${calls} calls are in flight`);
  inFlight = 0;
}

type Echo = (request: { text: string }) => { text: string };

function newServer(echo: Echo = ({ text }) => ({ text }), port = 0, protocols: ProtocolRegistration[] = []): Server {
  return createServer({
    protocols,
    services: [
      (router) =>
        router.service(EchoService, {
          echo,
          echoGet() {
            inFlight += 1;
            return new Promise<never>(() => {});
          },
        }),
    ],
    port,
    host: "127.0.0.1",
    shutdown: { timeout: 20 },
    logger: { debug() {}, info() {}, warn() {}, error() {} },
  });
}

const ECHO_SERVICE = "/connectum.test.v1.EchoService";

/** A call over HTTP/1.1. Its connection is left to the server to close. */
function callOverHttp1(port: number, method: string, body: string): ClientRequest {
  const headers = { "content-type": "application/json" };
  const call = request({
    port,
    path: `${ECHO_SERVICE}/${method}`,
    method: "POST",
    headers,
    agent: new Agent({ keepAlive: true }),
  });
  call.on("error", () => {}).end(body);
  return call;
}

/** The same over HTTP/2. */
function callOverHttp2(session: ClientHttp2Session, method: string, body: string): ClientHttp2Stream {
  const path = `${ECHO_SERVICE}/${method}`;
  const call = session.request({ ":method": "POST", ":path": path, "content-type": "application/json" });
  call.on("error", () => {}).end(body);
  return call;
}

function newSession(port: number) {
  return connectHttp2(`http://127.0.0.1:${port}`).on("error", () => {});
}

/** Sockets whose other end is in this process count, too: they must read the last bytes of the server. */
function newSocket(port: number, bytes: string): Promise<void> {
  const socket = connect(port, "127.0.0.1")
    .on("error", () => {})
    .resume();
  return new Promise((resolve) => socket.write(bytes, () => resolve()));
}

/** What happens between a start and a stop. */
const lives: Record<string, (port: number) => Promise<unknown>> = {
  "and nothing else": async () => {},
  "with a call over each version of HTTP": async (port) => {
    const [response] = await once(callOverHttp1(port, "Echo", "{}"), "response");
    await once(response.resume(), "end");
    await once(callOverHttp2(newSession(port), "Echo", "{}").resume(), "end");
  },
  "with connections that are idle, silent, and half-way through a request": async (port) => {
    await newSocket(port, "");
    await newSocket(port, `POST ${ECHO_SERVICE}/Echo HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\n{`);
    await once(newSession(port), "remoteSettings");
  },
  "with calls that stop() has to cut": async (port) => {
    callOverHttp1(port, "EchoGet", "{}");
    const session = newSession(port);
    callOverHttp2(session, "EchoGet", "{}").resume();
    await callsStarted(2);
  },
};

for (const [what, live] of Object.entries(lives)) {
  test(`${LOOPS} servers started and stopped ${what} leave no socket, no thread, no memory`, {
    timeout: 120_000,
    skip: existsSync("/proc/self/task") ? false : "counts what Linux shows in /proc",
  }, async (t) => {
    t.mock.method(console, "info", () => {});
    t.mock.method(console, "warn", () => {});
    const loop = async (times: number) => {
      for (let round = 0; round < times; round += 1) {
        const server = newServer();
        await server.start();
        const { port } = server.address ?? assert.fail();
        await live(port);
        await server.stop();
      }
    };
    // The first ones fill caches and pools, which stay.
    await loop(20);
    await sleep(300); // For the threads and sockets of the last ones, which go a moment after the server has stopped.
    const before = { fd: count("fd"), task: count("task"), rss: process.memoryUsage.rss() };
    await loop(LOOPS);
    const fd = await settled("fd", before.fd + SLACK);
    const task = await settled("task", before.task + SLACK);
    const growth = process.memoryUsage.rss() - before.rss;
    t.diagnostic(`descriptors ${before.fd} to ${fd}, threads ${before.task} to ${task}, ${growth >> 20} MiB more`);
    assert.ok(fd <= before.fd + SLACK, `${before.fd} descriptors before, ${fd} after`);
    assert.ok(task <= before.task + SLACK, `${before.task} threads before, ${task} after`);
    assert.ok(growth < MAX_GROWTH_BYTES, `${growth >> 20} MiB more`);
  });
}

for (const [what, live] of Object.entries(lives)) {
  test(`servers started and stopped ${what} are collected, with their handlers`, { timeout: 60_000 }, async (t) => {
    const mocks = [t.mock.method(console, "info", () => {}), t.mock.method(console, "warn", () => {})];
    const servers = 10;
    let collected = 0;
    const registry = new FinalizationRegistry(() => {
      collected += 1;
    });
    for (let round = 0; round < servers; round += 1) {
      const echo: Echo = ({ text }) => ({ text });
      registry.register(echo, undefined);
      const server = newServer(echo);
      await server.start();
      const { port } = server.address ?? assert.fail();
      await live(port);
      await server.stop();
    }
    // Mocks keep references to their calls.
    for (const { mock } of mocks) mock.resetCalls();
    // The last one may still be on the stack, or in a register.
    await eventually(() => {
      collectGarbage();
      return collected >= servers - 1;
    }, "the handlers have gone");
  });
}

test("failed starts leave nothing either", {
  timeout: 60_000,
  skip: existsSync("/proc/self/task") ? false : "counts what Linux shows in /proc",
}, async (t) => {
  t.mock.method(console, "info", () => {});
  const occupant = newServer();
  await occupant.start();
  t.after(() => occupant.stop());
  const { port } = occupant.address ?? assert.fail();
  const before = { fd: count("fd"), task: count("task") };
  for (let round = 0; round < LOOPS; round += 1) {
    const occupied = createServer({ services: [], port, host: "127.0.0.1" });
    await assert.rejects(occupied.start(), { code: "EADDRINUSE" });
    const unready = createServer({ services: [], port: 0, host: "127.0.0.1" });
    unready.on("ready", () => {
      throw new Error("not ready");
    });
    await assert.rejects(unready.start(), { message: "not ready" });
  }
  assert.ok((await settled("fd", before.fd + SLACK)) <= before.fd + SLACK);
  assert.ok((await settled("task", before.task + SLACK)) <= before.task + SLACK);
});

/** Built-in health that no server can be attached to. */
const unattachable: HealthState = {
  interceptors: false,
  httpPaths: [],
  eventLoopTimeout: 1_000,
  livenessTimeout: 10_000,
  initialize() {},
  attach() {
    throw new Error("not attached");
  },
  ready: () => () => {},
};

/** Starts that fail when the Rust core has been made, and their errors. */
const failingStarts: Record<string, { start(echo: Echo, occupied: number): Promise<void>; error: object }> = {
  "because their port is in use": {
    start: (echo, occupied) => newServer(echo, occupied).start(),
    error: { code: "EADDRINUSE" },
  },
  "because their health cannot be attached": {
    start(echo) {
      const health = withBuiltInProtocol({ name: "health", register() {} }, { kind: "health", state: unattachable });
      return newServer(echo, 0, [health]).start();
    },
    error: { message: "not attached" },
  },
};

for (const [why, { start, error }] of Object.entries(failingStarts)) {
  test(`servers that do not start, ${why}, are collected, with their handlers`, { timeout: 60_000 }, async (t) => {
    const { mock } = t.mock.method(console, "info", () => {});
    const occupant = newServer();
    await occupant.start();
    t.after(() => occupant.stop());
    const { port } = occupant.address ?? assert.fail();
    const servers = 10;
    let collected = 0;
    const registry = new FinalizationRegistry(() => {
      collected += 1;
    });
    for (let round = 0; round < servers; round += 1) {
      const echo: Echo = ({ text }) => ({ text });
      registry.register(echo, undefined);
      await assert.rejects(start(echo, port), error);
    }
    mock.resetCalls();
    await eventually(() => {
      collectGarbage();
      return collected >= servers - 1;
    }, "the handlers have gone");
  });
}

/** An interceptor that gives each call a value as large as a response. */
const setsValue: Interceptor = (next) => (request) => {
  request.contextValues.set(createContextKey(new Uint8Array()), new Uint8Array(RESPONSE_BYTES));
  return next(request);
};

/** Handlers that keep something, or nothing, and the interceptor in front of them. */
const intercepted: Record<string, { keep: (context: HandlerContext) => unknown; interceptor: Interceptor }> = {
  "keep neither their responses nor their values": { keep: () => undefined, interceptor: setsValue },
  "do not keep their responses, even if their contexts are kept": {
    keep: (context) => context,
    interceptor: (next) => (request) => next(request),
  },
};

for (const [what, { keep, interceptor }] of Object.entries(intercepted)) {
  test(`calls that have ended ${what}`, { timeout: 60_000 }, async (t) => {
    const kept: unknown[] = [];
    const { url } = await serveEcho(
      t,
      {
        echo(_, context) {
          kept.push(keep(context));
          return { payload: new Uint8Array(RESPONSE_BYTES) };
        },
      },
      { interceptors: [interceptor] },
    );
    const client = createClient(EchoService, createGrpcTransport({ baseUrl: url }));
    const buffers = () => {
      collectGarbage();
      return process.memoryUsage().arrayBuffers;
    };
    await client.echo({});
    const before = buffers();
    // Not so many that another block of inbound memory begins.
    for (let call = 0; call < 100; call += 1) await client.echo({});
    await eventually(() => buffers() - before < MAX_BUFFERS_LEFT, "almost all of their memory is free");
    assert.equal(kept.length, 101);
  });
}
