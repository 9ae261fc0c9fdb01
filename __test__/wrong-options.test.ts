// Options that cannot be, and those that are not there yet: the start fails and says why.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ConnectRouter } from "@connectrpc/connect";
import { compressionGzip } from "@connectrpc/connect-node";
import { createServer, type ServiceOptions } from "@connectum/core";
import { EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";

const compression = (name: string) => ({ ...compressionGzip, name });

const wrong: Record<string, { options: Record<string, unknown>; message: RegExp; name?: "TypeError" }> = {
  "a negative port": {
    options: { port: -1 },
    message: /^createServer: port must be an integer from 0 to 65535, not -1$/,
  },
  "a port that is too large": {
    options: { port: 65_536 },
    message: /port must be an integer from 0 to 65535, not 65536/,
  },
  "a port that is a text": {
    options: { port: "80" },
    message: /port must be an integer from 0 to 65535, not "80"/,
    name: "TypeError",
  },
  "a host that is none": { options: { host: 1 }, message: /^createServer: host must be a string/, name: "TypeError" },
  "an allowHTTP1 that is a text": {
    options: { allowHTTP1: "no" },
    message: /^createServer: allowHTTP1 must be true or false, not "no"$/,
    name: "TypeError",
  },
  "a reusePort that is a number": {
    options: { reusePort: 1 },
    message: /reusePort must be true or/,
    name: "TypeError",
  },
  "a handshakeTimeout of zero": {
    options: { tls: { cert: "a", key: "b" }, handshakeTimeout: 0 },
    message: /^createServer: handshakeTimeout must be an integer from 1 to 2147483647, not 0$/,
  },
  "an unknown version of TLS": {
    options: { tls: { cert: "a", key: "b" }, http2Options: { minVersion: "SSLv3" } },
    message: /^createServer: http2Options\.minVersion must be one of "TLSv1", .*, not "SSLv3"$/,
  },
  "versions of TLS the wrong way round": {
    options: { tls: { cert: "a", key: "b" }, http2Options: { minVersion: "TLSv1.3", maxVersion: "TLSv1.2" } },
    message: /minVersion must not be above/,
  },
  "http2Options that are a text": {
    options: { http2Options: "none" },
    message: /^createServer: http2Options must be an object, not string$/,
    name: "TypeError",
  },
  "a port that is NaN": { options: { port: Number.NaN }, message: /port must be an integer from 0 to 65535, not NaN/ },
  "a readMaxBytes below zero": {
    options: { readMaxBytes: -1 },
    message: /^createServer: readMaxBytes must be an integer/,
  },
  "a readMaxBytes beyond the format": {
    options: { readMaxBytes: 2 ** 32 },
    message: /readMaxBytes must be an integer/,
  },
  "a writeMaxBytes of zero": { options: { writeMaxBytes: 0 }, message: /writeMaxBytes must be an integer from 1/ },
  "a fraction of a byte": { options: { compressMinBytes: 0.5 }, message: /compressMinBytes must be an integer/ },
  "a maxTimeoutMs of zero": { options: { maxTimeoutMs: 0 }, message: /maxTimeoutMs must be an integer from 1/ },
  "a compression that is not there": {
    options: { acceptCompression: [compressionGzip, compression("snappy")] },
    message: /^createServer: acceptCompression has "snappy"; it can have gzip, br, zstd$/,
    name: "TypeError",
  },
  "no calls at all": { options: { maxQueuedCalls: 0 }, message: /maxQueuedCalls must be an integer from 1/ },
  "no bytes at all": { options: { maxBufferedBytes: 0 }, message: /maxBufferedBytes must be an integer from 1/ },
  "a negative number of threads": { options: { threads: -1 }, message: /threads must be an integer from 0/ },
  "no version of HTTP": {
    options: { allowHTTP1: false, allowH2C: false },
    message: /one of allowHTTP1 and allowH2C must be true/,
    name: "TypeError",
  },
};

for (const [what, { options, message, name = "RangeError" }] of Object.entries(wrong)) {
  test(`${what} rejects start()`, { timeout: 10_000 }, async () => {
    const server = createServer({ services: [], port: 0, host: "127.0.0.1", ...options });
    await assert.rejects(server.start(), { name, message });
    assert.deepEqual([server.state, server.address], ["stopped", null]);
  });
}

test("an option of a service that cannot be rejects start(), naming the service", { timeout: 10_000 }, async () => {
  const cases: [ServiceOptions, string, RegExp][] = [
    [{ readMaxBytes: -1 }, "RangeError", /^connectum\.test\.v1\.EchoService: readMaxBytes must be/],
    [
      { acceptCompression: [compression("lz4")] },
      "TypeError",
      /^connectum\.test\.v1\.EchoService: acceptCompression has "lz4"/,
    ],
  ];
  for (const [options, name, message] of cases) {
    const routes = (router: ConnectRouter) => void router.service(EchoService, {}, options);
    const server = createServer({ services: [routes], port: 0, host: "127.0.0.1" });
    await assert.rejects(server.start(), { name, message });
  }
});

const notYet: Record<string, unknown> = {
  catalog: {},
  remoteResolver: () => null,
  outgoingInterceptors: [(next: unknown) => next],
  propagateHeaders: ["traceparent"],
};

for (const [option, value] of Object.entries(notYet)) {
  test(`${option} is not there yet: start() rejects, and no port is open`, { timeout: 10_000 }, async () => {
    const port = await freePort();
    const server = createServer({ services: [], port, host: "127.0.0.1", [option]: value });
    await assert.rejects(server.start(), { message: `createServer: the option "${option}" is not supported yet` });
    assert.deepEqual([server.state, server.address, server.transport], ["stopped", null, null]);
    const occupant = createServer({ services: [], port, host: "127.0.0.1" });
    await occupant.start();
    await occupant.stop();
  });
}

test("interceptors and protocols that are none reject start(), naming the place", { timeout: 10_000 }, async () => {
  const cases: [object, string][] = [
    [{ interceptors: [(next: unknown) => next, "two"] }, 'createServer: interceptors[1] must be a function, not "two"'],
    [
      { protocols: [{ name: "a" }] },
      'createServer: protocols[0] must have a function "register", as Healthcheck() has',
    ],
    [
      { services: [(router: ConnectRouter) => router.service(EchoService, {}, { interceptors: [null as never] })] },
      "connectum.test.v1.EchoService: interceptors[0] must be a function, not null",
    ],
  ];
  for (const [options, message] of cases) {
    const server = createServer({ services: [], port: 0, host: "127.0.0.1", ...options });
    await assert.rejects(server.start(), { name: "TypeError", message });
  }
});

test("options that are empty are no options", { timeout: 10_000 }, async () => {
  const server = createServer({ services: [], port: 0, host: "127.0.0.1", interceptors: [], protocols: [] });
  await server.start();
  await server.stop();
});

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer({ services: [], port: 0, host: "127.0.0.1" });
  await server.start();
  const { port } = server.address ?? assert.fail();
  await server.stop();
  return port;
}
