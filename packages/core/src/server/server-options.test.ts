// The options of a listening server: their defaults and precedence.
import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { type CreateServerOptions, resolveServerOptions } from "./server-options.ts";

const listenOptions = (options: CreateServerOptions) => resolveServerOptions(options).listen;

// contract: O-port, O-host, O-allowHTTP1
test("the defaults of a listening server", (t) => {
  const { PORT, LISTEN } = process.env;
  t.after(() => {
    for (const [name, value] of Object.entries({ PORT, LISTEN })) if (value !== undefined) process.env[name] = value;
  });
  delete process.env["PORT"];
  delete process.env["LISTEN"];
  assert.deepEqual(listenOptions({ services: [] }), {
    listeners: [
      {
        name: "",
        path: null,
        fd: null,
        host: "0.0.0.0",
        port: 5000,
        allowHTTP1: true,
        allowH2C: true,
        reusePort: false,
        proxyProtocol: null,
        tls: null,
      },
    ],
    maxQueuedCalls: 10_000,
    maxBufferedBytes: 512 * 1024 * 1024,
    maxConnectionBytes: 128 * 1024 * 1024,
    maxConcurrentStreams: 250,
    limits: {
      detectionTimeout: 30_000,
      headersTimeout: 60_000,
      requestTimeout: 300_000,
      responseTimeout: 300_000,
      pingInterval: 0,
      pingTimeout: 20_000,
      maxConnectionAge: 0,
      maxConnectionAgeGrace: 0,
      maxConnectionIdle: 0,
      maxConnectionRequests: 0,
      maxHeaderBytes: 65_536,
      maxHeaderFields: 100,
      streamWindowBytes: 262_144,
      connectionWindowBytes: 16_777_216,
      maxFrameBytes: 16_384,
      headerTableBytes: 4_096,
      maxConnections: 0,
      maxConnectionsPerAddress: 0,
    },
    threads: 0,
    trustedProxies: [],
    cors: null,
  });
  assert.equal(listenOptions({ services: [], maxBufferedBytes: 10 }).maxConnectionBytes, 3, "a quarter, rounded up");
});

// contract: O-handshakeTimeout
test("handshakes have 30 seconds by default; http2Options takes precedence over handshakeTimeout", () => {
  const tls = { cert: "-----BEGIN CERTIFICATE-----", key: "-----BEGIN PRIVATE KEY-----" };
  const timeout = (options: object) =>
    listenOptions({ services: [], tls, ...options }).listeners[0]?.tls?.handshakeTimeout;
  assert.equal(timeout({}), 30_000);
  assert.equal(timeout({ handshakeTimeout: 5 }), 5);
  assert.equal(timeout({ handshakeTimeout: 5, http2Options: { handshakeTimeout: 6 } }), 6);
});

test("settings of http2Options are used, unless there is an option of our own", () => {
  const settings = {
    maxConcurrentStreams: 7,
    initialWindowSize: 70_000,
    maxFrameSize: 20_000,
    maxHeaderListSize: 9_000,
    headerTableSize: 8_000,
  };
  const http2Options = { settings, unknownProtocolTimeout: 900 };
  const { maxConcurrentStreams, limits } = listenOptions({ services: [], http2Options });
  const { streamWindowBytes, maxFrameBytes, maxHeaderBytes, headerTableBytes, detectionTimeout } = limits;
  assert.deepEqual(
    [maxConcurrentStreams, streamWindowBytes, maxFrameBytes, maxHeaderBytes, headerTableBytes, detectionTimeout],
    [7, 70_000, 20_000, 9_000, 8_000, 900],
  );
  const ours = listenOptions({ services: [], http2Options, maxConcurrentStreams: 8, maxHeaderBytes: 10_000 });
  assert.deepEqual([ours.maxConcurrentStreams, ours.limits.maxHeaderBytes], [8, 10_000]);
});
