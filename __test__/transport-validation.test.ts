// Bidi methods need HTTP/2: on a transport without it the start fails or warns.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { ConnectRouter } from "@connectrpc/connect";
import {
  type CreateServerOptions,
  createServer,
  type Server,
  TRANSPORT_VALIDATION_ERROR_CODE,
  TransportValidationError,
  TransportValidationMode,
} from "@connectum/core";
import { TestService, UnimplementedService } from "../examples/interop/gen/grpc/testing/test_pb.js";
import { EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";
import { identity } from "./support/certificates.ts";

const unsupported = `[CONNECTUM_UNSUPPORTED_STREAMING_TRANSPORT] The following bidi-streaming methods require HTTP/2, but the effective transport is plaintext HTTP/1.1 (no TLS, allowHTTP1: true — the default):
  - connectum.test.v1.EchoService.EchoBidiStream (bidi_streaming)
Without HTTP/2 these calls fail silently at runtime: the first send hangs forever (or the client receives HTTP 505).
Fix one of:
  1. allowHTTP1: false — plaintext h2c (recommended for internal services);
  2. configure TLS — HTTP/2 via ALPN.
Or downgrade this check: transportValidation: "warn" | "off".`;

const echo = (router: ConnectRouter) => void router.service(EchoService, {});
const tls = identity("server");

/** Starts a server; resolves to its warnings and to the error of the start. */
async function start(t: TestContext, options: Partial<CreateServerOptions>) {
  const warn = t.mock.method(console, "warn", () => {});
  const server = createServer({ services: [echo], port: 0, host: "127.0.0.1", ...options });
  const error = await server.start().then(
    () => server.stop(),
    (reason: unknown) => reason,
  );
  const warnings = warn.mock.calls.map(({ arguments: [text] }) => text as unknown);
  warn.mock.restore();
  return { server, error, warnings };
}

const http1 = { allowH2C: false };

const cases: [string, Partial<CreateServerOptions>, { error?: string; warnings?: string[] }][] = [
  ["HTTP/1.1 only", http1, { error: unsupported }],
  ["HTTP/1.1 only, and error", { ...http1, transportValidation: "error" }, { error: unsupported }],
  ["HTTP/1.1 only, and warn", { ...http1, transportValidation: "warn" }, { warnings: [unsupported] }],
  ["HTTP/1.1 only, and off", { ...http1, transportValidation: TransportValidationMode.OFF }, {}],
  ["both versions in plaintext, the default", {}, {}],
  ["both versions in plaintext, and warn", { transportValidation: "warn" }, {}],
  ["HTTP/2 only in plaintext", { allowHTTP1: false }, {}],
  ["TLS", { tls }, {}],
  ["TLS, and warn", { tls, transportValidation: "warn" }, {}],
  ["TLS, and off", { tls, transportValidation: "off" }, {}],
  ["TLS with HTTP/2 only", { tls, allowHTTP1: false }, {}],
];

for (const [what, options, { error: expected, warnings: expectedWarnings = [] }] of cases) {
  const outcome = expected === undefined ? `${expectedWarnings.length || "no"} warning` : "rejected";
  // contract: O-transportValidation, V4, V5, V6, V7, V8, DEC-allow-h2c
  test(`a bidi method on ${what}: ${outcome}`, { timeout: 10_000 }, async (t) => {
    const { error, warnings } = await start(t, options);
    assert.equal((error as Error | undefined)?.message, expected);
    assert.deepEqual(warnings, expectedWarnings);
  });
}

// contract: V-names
test("the error has a name, a code and the methods, and stops the server", { timeout: 10_000 }, async (t) => {
  const { server, error } = await start(t, http1);
  assert.ok(error instanceof TransportValidationError && error instanceof Error);
  const { name, code, methods } = error;
  assert.deepEqual(
    { name, code, methods },
    {
      name: "TransportValidationError",
      code: TRANSPORT_VALIDATION_ERROR_CODE,
      methods: [{ service: "connectum.test.v1.EchoService", method: "EchoBidiStream", kind: "bidi_streaming" }],
    },
  );
  assert.equal(TRANSPORT_VALIDATION_ERROR_CODE, "CONNECTUM_UNSUPPORTED_STREAMING_TRANSPORT");
  assert.deepEqual([server.state, server.address], ["stopped", null]);
});

/** Mounted services, and the number of rejected methods. */
const mounted: [string, Partial<CreateServerOptions>, number][] = [
  [
    "a bidi service that is in the file of a mounted one, but not mounted",
    { services: [(router) => router.service(UnimplementedService, {})] },
    0,
  ],
  ["a bidi service that is not enabled", { services: [echo], enabledServices: ["another.Service"] }, 0],
  [
    "methods mounted alone, none of them bidi",
    { services: [(router) => router.rpc(EchoService.method.echo, () => ({}))] },
    0,
  ],
  [
    "a bidi method mounted alone",
    { services: [(router) => router.rpc(EchoService.method.echoBidiStream, async function* () {})] },
    1,
  ],
  ["two services", { services: [echo, (router) => router.service(TestService, {})] }, 3],
  ["a service mounted twice", { services: [echo, echo] }, 1],
  [
    "a bidi service of a protocol",
    { services: [], protocols: [{ name: "reflection", register: (router) => void router.service(EchoService, {}) }] },
    0,
  ],
];

for (const [what, options, count] of mounted) {
  // contract: V2, V3, F-record
  test(`${what}: ${count} rejected`, { timeout: 10_000 }, async (t) => {
    const { error } = await start(t, { ...http1, ...options });
    if (count === 0) assert.equal(error, undefined);
    else assert.equal(error instanceof TransportValidationError && error.methods.length, count);
  });
}

// contract: V2
test("the check runs when the services are mounted, before the event bus is started", {
  timeout: 10_000,
}, async (t) => {
  const order: string[] = [];
  const eventBus = {
    start: async () => void order.push("bus starts"),
    stop: async () => void order.push("bus stops"),
  };
  const services = [
    (router: ConnectRouter) => {
      order.push("mounted");
      echo(router);
    },
  ];
  const { error } = await start(t, { ...http1, services, eventBus });
  assert.ok(error instanceof TransportValidationError);
  assert.deepEqual(order, ["mounted", "bus stops"]);
});

// contract: S4, V5
test("the error event has the same error", { timeout: 10_000 }, async () => {
  const server: Server = createServer({ services: [echo], port: 0, host: "127.0.0.1", ...http1 });
  const emitted: Error[] = [];
  server.on("error", (error) => emitted.push(error));
  const rejection = await server.start().catch((reason: unknown) => reason);
  assert.deepEqual([emitted.length, emitted[0] === rejection], [1, true]);
});
