// Invalid options, and those that are not implemented yet: the start fails and says why.
import assert from "node:assert/strict";
import { constants } from "node:os";
import process from "node:process";
import { test } from "node:test";
import type { ConnectRouter } from "@connectrpc/connect";
import { compressionGzip } from "@connectrpc/connect-node";
import { type CreateServerOptions, createServer, type ServiceOptions } from "@connectum/core";
import { EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";
import { freePort } from "./support/ports.ts";
import { serve } from "./support/serve.ts";

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
  "an invalid host": {
    options: { host: 1 },
    message: /^createServer: host must be a string, not 1$/,
    name: "TypeError",
  },
  "a host that is empty": {
    options: { host: "" },
    message: /^createServer: host must be a name or address of this machine, "0\.0\.0\.0" for all, not ""$/,
  },
  "an allowHTTP1 that is a text": {
    options: { allowHTTP1: "no" },
    message: /^createServer: allowHTTP1 must be true or false, not "no"$/,
    name: "TypeError",
  },
  "an allowH2C that is null": {
    options: { allowH2C: null },
    message: /^createServer: allowH2C must be true or false, not null$/,
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
  "a handshakeTimeout that is a text, also without TLS": {
    options: { handshakeTimeout: "30s" },
    message: /^createServer: handshakeTimeout must be an integer from 1 to 2147483647, not "30s"$/,
    name: "TypeError",
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
    message: /^createServer: http2Options must be an object, not "none"$/,
    name: "TypeError",
  },
  "a requestCert that is a number": {
    options: { http2Options: { requestCert: 1 } },
    message: /^createServer: http2Options\.requestCert must be true or false, not 1$/,
    name: "TypeError",
  },
  "a rejectUnauthorized that is a text": {
    options: { http2Options: { rejectUnauthorized: "true" } },
    message: /^createServer: http2Options\.rejectUnauthorized must be true or false, not "true"$/,
    name: "TypeError",
  },
  "a handshakeTimeout of Node's that is a text": {
    options: { http2Options: { handshakeTimeout: "1s" } },
    message: /^createServer: http2Options\.handshakeTimeout must be an integer from 1 to 2147483647, not "1s"$/,
    name: "TypeError",
  },
  "a path of a certificate that is a number": {
    options: { tls: { certPath: 1, keyPath: "server.key" } },
    message: /^createServer: tls\.certPath must be a string, not 1$/,
    name: "TypeError",
  },
  "a path of a key that is an object": {
    options: { tls: { certPath: "server.crt", keyPath: {} } },
    message: /^createServer: tls\.keyPath must be a string, not an object$/,
    name: "TypeError",
  },
  "a directory of certificates that is a number": {
    options: { tls: { dirPath: 1 } },
    message: /^createServer: tls\.dirPath must be a string, not 1$/,
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
  "no bytes for a connection": {
    options: { maxConnectionBytes: 0.5 },
    message: /maxConnectionBytes must be an integer from 1/,
  },
  "more streams than HTTP/2 has": {
    options: { maxConcurrentStreams: 2 ** 31 },
    message: /maxConcurrentStreams must be an integer from 1 to 2147483647/,
  },
  "no time for the first bytes": {
    options: { detectionTimeout: 0 },
    message: /^createServer: detectionTimeout must be an integer from 1 to 2147483647, not 0$/,
  },
  "no time for a head": { options: { headersTimeout: 0 }, message: /headersTimeout must be an integer from 1 / },
  "a requestTimeout that is a text": {
    options: { requestTimeout: "5m" },
    message: /^createServer: requestTimeout must be an integer from 0 to 2147483647, not "5m"$/,
    name: "TypeError",
  },
  "a negative responseTimeout": {
    options: { responseTimeout: -1 },
    message: /^createServer: responseTimeout must be an integer from 0 to 2147483647, not -1$/,
  },
  "a pingInterval that is no integer": { options: { pingInterval: 0.5 }, message: /pingInterval must be an integer/ },
  "no time for a PING": { options: { pingTimeout: 0 }, message: /pingTimeout must be an integer from 1 / },
  "a negative age": { options: { maxConnectionAge: -1 }, message: /maxConnectionAge must be an integer from 0 / },
  "an endless grace": {
    options: { maxConnectionAgeGrace: Number.POSITIVE_INFINITY },
    message: /maxConnectionAgeGrace must be an integer from 0 to 2147483647, not Infinity/,
  },
  "an idleness that is NaN": { options: { maxConnectionIdle: Number.NaN }, message: /maxConnectionIdle must be/ },
  "negative requests": { options: { maxConnectionRequests: -5 }, message: /maxConnectionRequests must be/ },
  "a head of nothing": { options: { maxHeaderBytes: 0 }, message: /maxHeaderBytes must be an integer from 1024 / },
  "no header fields": { options: { maxHeaderFields: 0 }, message: /maxHeaderFields must be an integer from 1 / },
  "a window of nothing": { options: { streamWindowBytes: 0 }, message: /streamWindowBytes must be an integer from 1 / },
  "a connection's window below HTTP/2's": {
    options: { connectionWindowBytes: 1000 },
    message: /connectionWindowBytes must be an integer from 65535 to 2147483647, not 1000/,
  },
  "frames smaller than HTTP/2 allows": {
    options: { maxFrameBytes: 100 },
    message: /maxFrameBytes must be an integer from 16384 to 16777215, not 100/,
  },
  "a header table that is a text": {
    options: { headerTableBytes: "4k" },
    message: /headerTableBytes must be an integer from 0 /,
    name: "TypeError",
  },
  "settings that are a list": {
    options: { http2Options: { settings: [] } },
    message: /^createServer: http2Options\.settings must be an object, not /,
    name: "TypeError",
  },
  "a setting that is a text": {
    options: { http2Options: { settings: { initialWindowSize: "64k" } } },
    message:
      /^createServer: http2Options\.settings\.initialWindowSize must be an integer from 1 to 2147483647, not "64k"$/,
    name: "TypeError",
  },
  "no streams at all, as a setting": {
    options: { http2Options: { settings: { maxConcurrentStreams: 0 } } },
    message:
      /^createServer: http2Options\.settings\.maxConcurrentStreams must be an integer from 1 to 2147483647, not 0$/,
  },
  "more connections than can be counted": {
    options: { maxConnections: 2 ** 32 },
    message: /maxConnections must be an integer from 0 to 4294967295/,
  },
  "connections of an address that are a list": {
    options: { maxConnectionsPerAddress: [1] },
    message: /maxConnectionsPerAddress must be an integer/,
    name: "TypeError",
  },
  "a negative number of threads": { options: { threads: -1 }, message: /threads must be an integer from 0/ },
  "no version of HTTP": {
    options: { allowHTTP1: false, allowH2C: false },
    message: /one of allowHTTP1 and allowH2C must be true/,
    name: "TypeError",
  },
  "threads beyond all reason": { options: { threads: 1025 }, message: /threads must be an integer from 0 to 1024/ },
  "a requireConnectProtocolHeader that is a text": {
    options: { requireConnectProtocolHeader: "yes" },
    message: /^createServer: requireConnectProtocolHeader must be true or false, not "yes"$/,
    name: "TypeError",
  },
  "an acceptCompression that is a text": {
    options: { acceptCompression: "gzip" },
    message: /^createServer: acceptCompression must be an array, not "gzip"$/,
    name: "TypeError",
  },
  "names of compressions": {
    options: { acceptCompression: ["gzip"] },
    message: /^createServer: acceptCompression\[0\] must be a compression of connect, with a name, not "gzip"$/,
    name: "TypeError",
  },
  "jsonOptions that are true": {
    options: { jsonOptions: true },
    message: /^createServer: jsonOptions must be an object, not true$/,
    name: "TypeError",
  },
  "binaryOptions that are an array": {
    options: { binaryOptions: [] },
    message: /^createServer: binaryOptions must be an object, not an array$/,
    name: "TypeError",
  },
  "a service that is null": {
    options: { services: [() => {}, null] },
    message:
      /^createServer: services\[1\] must be a function of a ConnectRouter or a result of defineService\(\), not null$/,
    name: "TypeError",
  },
  "a service without handlers": {
    options: { services: [EchoService] },
    message: /^createServer: services\[0\] must be a function of a ConnectRouter or .*, not an object$/,
    name: "TypeError",
  },
  "a service in a list of its own": {
    options: { services: [[() => {}]] },
    message: /^createServer: services\[0\] must be .*, not an array$/,
    name: "TypeError",
  },
  "services that are a text": {
    options: { services: "routes" },
    message: /^createServer: services\[0\] must be .*, not "r"$/,
    name: "TypeError",
  },
  "enabledServices that are a text": {
    options: { enabledServices: "a.Service" },
    message: /^createServer: enabledServices must be an array, not "a\.Service"$/,
    name: "TypeError",
  },
  "enabledServices that are no names": {
    options: { enabledServices: ["a.Service", EchoService] },
    message: /^createServer: enabledServices\[1\] must be a string, not an object$/,
    name: "TypeError",
  },
  "interceptors that are a function": {
    options: { interceptors: (next: unknown) => next },
    message: /^createServer: interceptors must be an array, not a function$/,
    name: "TypeError",
  },
  "interceptors that are null": {
    options: { interceptors: null },
    message: /^createServer: interceptors must be an array, not null$/,
    name: "TypeError",
  },
  "protocols that are an object": {
    options: { protocols: { name: "a", register() {} } },
    message: /^createServer: protocols must be an array, not an object$/,
    name: "TypeError",
  },
  "an httpHandler that is no function": {
    options: { protocols: [{ name: "a", register() {}, httpHandler: "/healthz" }] },
    message: /^createServer: protocols\[0\]\.httpHandler must be a function, not "\/healthz"$/,
    name: "TypeError",
  },
  "an event bus that is a text": {
    options: { eventBus: "kafka" },
    message: /^createServer: eventBus must be an object with the methods start, stop: not "kafka"$/,
    name: "TypeError",
  },
  "an event bus that cannot stop": {
    options: { eventBus: { async start() {} } },
    message: /^createServer: eventBus must be an object with the methods start, stop: it has no stop$/,
    name: "TypeError",
  },
  "a logger that is a function": {
    options: { logger: () => {} },
    message: /^createServer: logger must be an object with the methods debug, .*: it has no debug, info, warn, error$/,
    name: "TypeError",
  },
  "a logger that is null": {
    options: { logger: null },
    message: /^createServer: logger must be an object with the methods debug, info, warn, error: not null$/,
    name: "TypeError",
  },
  "an unknown transportValidation": {
    options: { transportValidation: "strict" },
    message: /^createServer: transportValidation must be one of "error", "warn", "off", not "strict"$/,
  },
  "a transportValidation that is false": {
    options: { transportValidation: false },
    message: /^createServer: transportValidation must be one of "error", "warn", "off", not false$/,
    name: "TypeError",
  },
  "a shutdown that is a number": {
    options: { shutdown: 30_000 },
    message: /^createServer: shutdown must be an object, not 30000$/,
    name: "TypeError",
  },
  "a shutdown timeout below zero": {
    options: { shutdown: { timeout: -1 } },
    message: /^createServer: shutdown\.timeout must be an integer from 0 to 2147483647, not -1$/,
  },
  "a shutdown timeout that no timer can measure": {
    options: { shutdown: { timeout: Number.POSITIVE_INFINITY } },
    message: /^createServer: shutdown\.timeout must be an integer from 0 to 2147483647, not Infinity$/,
  },
  "a shutdown timeout that is a text": {
    options: { shutdown: { timeout: "30s" } },
    message: /^createServer: shutdown\.timeout must be an integer from 0 to 2147483647, not "30s"$/,
    name: "TypeError",
  },
  "a streamGracePeriod that is NaN": {
    options: { shutdown: { streamGracePeriod: Number.NaN } },
    message: /^createServer: shutdown\.streamGracePeriod must be an integer from 0 to 2147483647, not NaN$/,
  },
  "a gracePeriod that is negative": {
    options: { shutdown: { gracePeriod: -1 } },
    message: /^createServer: shutdown\.gracePeriod must be an integer from 0 to 2147483647, not -1$/,
  },
  "a hookTimeout that is a text": {
    options: { shutdown: { hookTimeout: "5s" } },
    message: /^createServer: shutdown\.hookTimeout must be an integer from 0 to 2147483647, not "5s"$/,
    name: "TypeError",
  },
  "a streamGracePeriod beyond the timeout": {
    options: { shutdown: { timeout: 100, streamGracePeriod: 101 } },
    message: /^createServer: shutdown\.streamGracePeriod must be at most shutdown\.timeout, which is 100, not 101$/,
  },
  "an autoShutdown that is a text": {
    options: { shutdown: { autoShutdown: "SIGTERM" } },
    message: /^createServer: shutdown\.autoShutdown must be true or false, not "SIGTERM"$/,
    name: "TypeError",
  },
  "a forceCloseOnTimeout that is a number": {
    options: { shutdown: { forceCloseOnTimeout: 0 } },
    message: /^createServer: shutdown\.forceCloseOnTimeout must be true or false, not 0$/,
    name: "TypeError",
  },
  "signals that are a text": {
    options: { shutdown: { signals: "SIGTERM" } },
    message: /^createServer: shutdown\.signals must be an array, not "SIGTERM"$/,
    name: "TypeError",
  },
  "a signal that does not exist": {
    options: { shutdown: { signals: ["SIGTERM", "SIGTREM"] } },
    message: /^createServer: shutdown\.signals\[1\] must be one of .*"SIGTERM".*, not "SIGTREM"$/,
  },
  "a signal that nobody can watch": {
    options: { shutdown: { autoShutdown: true, signals: ["SIGKILL"] } },
    message: /^createServer: shutdown\.signals\[0\] must be one of "SIGABRT", .*, not "SIGKILL"$/,
  },
  "a signal that is a number": {
    options: { shutdown: { signals: [15] } },
    message: /^createServer: shutdown\.signals\[0\] must be one of .*, not 15$/,
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

test("every option of createServer() is tested with an invalid value", () => {
  // Each option of CreateServerOptions; a new one does not compile until it is here.
  const options: Record<keyof CreateServerOptions, true> = {
    services: true,
    port: true,
    host: true,
    allowHTTP1: true,
    allowH2C: true,
    reusePort: true,
    transportValidation: true,
    shutdown: true,
    logger: true,
    enabledServices: true,
    eventBus: true,
    maxQueuedCalls: true,
    maxBufferedBytes: true,
    maxConnectionBytes: true,
    maxConcurrentStreams: true,
    detectionTimeout: true,
    headersTimeout: true,
    requestTimeout: true,
    responseTimeout: true,
    pingInterval: true,
    pingTimeout: true,
    maxConnectionAge: true,
    maxConnectionAgeGrace: true,
    maxConnectionIdle: true,
    maxConnectionRequests: true,
    maxHeaderBytes: true,
    maxHeaderFields: true,
    streamWindowBytes: true,
    connectionWindowBytes: true,
    maxFrameBytes: true,
    headerTableBytes: true,
    maxConnections: true,
    maxConnectionsPerAddress: true,
    threads: true,
    tls: true,
    handshakeTimeout: true,
    http2Options: true,
    interceptors: true,
    protocols: true,
    readMaxBytes: true,
    writeMaxBytes: true,
    compressMinBytes: true,
    acceptCompression: true,
    maxTimeoutMs: true,
    requireConnectProtocolHeader: true,
    binaryOptions: true,
    jsonOptions: true,
  };
  const tried = new Set(Object.values(wrong).flatMap((one) => Object.keys(one.options)));
  assert.deepEqual(
    Object.keys(options).filter((option) => !tried.has(option)),
    [],
  );
});

// contract: O-services
test("createServer() itself rejects only services that are not a list", () => {
  for (const services of [undefined, null, 1, {}, () => {}]) {
    const options = { services } as unknown as CreateServerOptions;
    assert.throws(() => createServer(options), { name: "TypeError" }, `${services}`);
  }
  for (const { options } of Object.values(wrong)) {
    assert.equal(createServer({ services: [], ...options }).state, "created");
  }
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

test("an invalid option of a service rejects start(), naming the service", { timeout: 10_000 }, async () => {
  const cases: [ServiceOptions, string, RegExp][] = [
    [{ readMaxBytes: -1 }, "RangeError", /^connectum\.test\.v1\.EchoService: readMaxBytes must be/],
    [
      { acceptCompression: [compression("lz4")] },
      "TypeError",
      /^connectum\.test\.v1\.EchoService: acceptCompression has "lz4"/,
    ],
    [{ jsonOptions: [] as object }, "TypeError", /^connectum\.test\.v1\.EchoService: jsonOptions must be an object/],
    [
      { shutdownSignal: {} as AbortSignal },
      "TypeError",
      /^connectum\.test\.v1\.EchoService: shutdownSignal must be an AbortSignal, not an object$/,
    ],
    [null as unknown as ServiceOptions, "TypeError", /^connectum\.test\.v1\.EchoService: options must be an object/],
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
  test(`${option} is not supported yet: start() rejects, and no port is open`, { timeout: 10_000 }, async () => {
    const port = await freePort();
    const server = createServer({ services: [], port, host: "127.0.0.1", [option]: value });
    await assert.rejects(server.start(), { message: `createServer: the option "${option}" is not supported yet` });
    assert.deepEqual([server.state, server.address, server.transport], ["stopped", null, null]);
    const occupant = createServer({ services: [], port, host: "127.0.0.1" });
    await occupant.start();
    await occupant.stop();
  });
}

test("invalid interceptors and protocols reject start(), naming the place", { timeout: 10_000 }, async () => {
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

test("empty lists act like absent ones", { timeout: 10_000 }, async () => {
  const server = createServer({ services: [], port: 0, host: "127.0.0.1", interceptors: [], protocols: [] });
  await server.start();
  await server.stop();
});
