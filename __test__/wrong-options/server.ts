// Wrong options of createServer(), but those of its own objects: `tls`, `cors`, `http2Options` and `shutdown`.
import process from "node:process";
import { compressionGzip } from "@connectrpc/connect-node";
import { type CreateServerOptions, createServer, defineService } from "@connectum/core";
import { Healthcheck } from "@connectum/healthcheck";
import { isPlainObject } from "@connectum/hooks";
import { EchoService } from "../../proto/gen/connectum/test/v1/echo_pb.ts";
import type { OptionsObject, WrongOptions } from "./options-object.ts";

/** Starts a server on a free port. Something else than an object is passed on as it is. */
export async function start(options: unknown): Promise<void> {
  const given: unknown = isPlainObject(options) ? { services: [], port: 0, host: "127.0.0.1", ...options } : options;
  const server = createServer(given as CreateServerOptions);
  try {
    await server.start();
  } finally {
    if (server.isRunning) await server.stop();
  }
}

/** The rows of an option that is an integer: too small, too large, and of other types. */
function integer<Key extends string>(key: Key, least: number, most: number, ...more: WrongOptions<Key>[]) {
  const row = (value: unknown, shown: string): WrongOptions<Key> => {
    const name = typeof value === "number" ? "RangeError" : "TypeError";
    const options = { [key]: value } as WrongOptions<Key>[0];
    return [options, `${name}: createServer: ${key} must be an integer from ${least} to ${most}, not ${shown}`];
  };
  return [
    row("1k", '"1k"'),
    row(null, "null"),
    row(least - 1, String(least - 1)),
    row(most + 2, String(most + 2)),
    row(least + 0.5, String(least + 0.5)),
    row(Number.NaN, "NaN"),
    ...more,
  ] as const;
}

/** The rows of an option of calls, where null is absent, as in connect. */
function optionalInteger<Key extends string>(key: Key, least: number, most: number) {
  const [text, , ...numbers] = integer(key, least, most);
  return [text, ...numbers] as const;
}

const MAX_TIMER_MS = 2 ** 31 - 1;
const time = <Key extends string>(key: Key, least: 0 | 1) => integer(key, least, MAX_TIMER_MS);

const fetchExample = "as in fetch: (request) => new Response()";
const service = "a function of a ConnectRouter or a result of defineService()";
const network = (option: string, shown: string) =>
  `TypeError: createServer: ${option} must be an IP address, a network such as "10.0.0.0/8", or "unix", not ${shown}`;
const methodsOf = (option: string, names: string) =>
  `TypeError: createServer: ${option} must be an object with the methods ${names}:`;

export const server: OptionsObject<CreateServerOptions> = {
  name: "createServer",
  prefix: "",
  use: start,
  wrong: {
    services: [
      [
        { services: undefined },
        "TypeError: createServer: services must be an array, as in createServer({ services: [routes] }), not undefined",
      ],
      [
        { services: "routes" },
        'TypeError: createServer: services must be an array, as in createServer({ services: [routes] }), not "routes"',
      ],
      [
        { services: () => {} },
        "TypeError: createServer: services must be an array, as in createServer({ services: [routes] }), not a function",
      ],
      [{ services: [() => {}, null] }, `TypeError: createServer: services[1] must be ${service}, not null`],
      [{ services: [[() => {}]] }, `TypeError: createServer: services[0] must be ${service}, not an array`],
      [{ services: [{ register() {} }] }, `TypeError: createServer: services[0] must be ${service}, not an object`],
      [
        { services: [EchoService] },
        "TypeError: createServer: services[0] is the descriptor of connectum.test.v1.EchoService, which has no handlers. " +
          "Use defineService(EchoService, handlers)",
      ],
      [
        { services: [() => () => {}] },
        "TypeError: createServer: services[0] returned a function, which registers nothing by itself. Did you mean to call it?",
      ],
      [
        { services: [() => defineService(EchoService, {} as never)] },
        "TypeError: createServer: services[0] returned a definition, which registers nothing by itself. Did you mean to call it?",
      ],
      [
        { services: [Healthcheck] },
        "TypeError: createServer: services[0] is no service. Did you mean protocols: [Healthcheck()]?",
      ],
      [
        { services: [async () => {}] },
        "TypeError: createServer: services[0] is an async function, it returned a promise. Load what it needs before " +
          "createServer(), and let the function register its services at once",
      ],
    ],
    fetch: [
      [{ fetch: "app" }, `TypeError: createServer: fetch must be a function, ${fetchExample}, not "app"`],
      [{ fetch: null }, `TypeError: createServer: fetch must be a function, ${fetchExample}, not null`],
      [
        { fetch: Promise.resolve() },
        `TypeError: createServer: fetch must be a function, ${fetchExample}, not a promise`,
      ],
      [
        { fetch: { fetch: () => new Response() } },
        `TypeError: createServer: fetch must be a function, ${fetchExample}, not an object that has one. ` +
          "Did you mean fetch: app.fetch?",
      ],
    ],
    port: integer("port", 0, 65_535),
    host: [
      [{ host: 1 }, "TypeError: createServer: host must be a string, not 1"],
      [
        { host: "" },
        'RangeError: createServer: host must be a name or address of this machine, "0.0.0.0" for all, not ""',
      ],
      [
        { host: "unix:", port: undefined },
        'RangeError: createServer: the path in host must be the path of a Unix socket, not ""',
      ],
      [
        { host: "unix:/run/app.sock" },
        "TypeError: createServer: host and port exclude each other: a listener listens in one place",
      ],
      [
        { host: "systemd" },
        "TypeError: createServer: host and port exclude each other: a listener listens in one place",
      ],
    ],
    path: [
      [{ path: 1 }, "TypeError: createServer: path must be a string, not 1"],
      [{ path: "" }, 'RangeError: createServer: path must be the path of a Unix socket, not ""'],
      [
        { path: "\0abstract" },
        "RangeError: createServer: path must not contain NUL: abstract Unix sockets are not supported",
      ],
      [{ path: "/run/a\0b" }, "RangeError: createServer: path must not contain NUL: no file has such a name"],
      [
        { path: `/${"x".repeat(200)}` },
        `RangeError: createServer: path must have at most ${process.platform === "linux" ? 107 : 103} bytes, the limit ` +
          "of this system for Unix sockets, not 201: a string of 201 characters",
      ],
      [
        { path: "/run/app.sock", fd: 3 },
        "TypeError: createServer: path and fd and host and port exclude each other: a listener listens in one place",
      ],
    ],
    fd: integer("fd", 0, 0x7fff_ffff, [
      { fd: 3 },
      "TypeError: createServer: fd and host and port exclude each other: a listener listens in one place",
    ]),
    listeners: [
      [{ listeners: { port: 0 } }, "TypeError: createServer: listeners must be an array, not an object"],
      [{ listeners: null }, "TypeError: createServer: listeners must be an array, not null"],
      [{ listeners: [] }, "RangeError: createServer: listeners must have at least one entry, or be left out"],
      [
        { listeners: [{ port: 0 }], allowHTTP1: true },
        "TypeError: createServer: listeners replaces port, host, allowHTTP1, which must be in its entries instead",
      ],
    ],
    allowHTTP1: [
      [{ allowHTTP1: "no" }, 'TypeError: createServer: allowHTTP1 must be true or false, not "no"'],
      [
        { allowHTTP1: false, allowH2C: false },
        "TypeError: createServer: without TLS, one of allowHTTP1 and allowH2C must be true, or nothing is served",
      ],
    ],
    allowH2C: [[{ allowH2C: null }, "TypeError: createServer: allowH2C must be true or false, not null"]],
    reusePort: [
      [{ reusePort: 1 }, "TypeError: createServer: reusePort must be true or false, not 1"],
      [
        { reusePort: true, path: "/run/app.sock", port: undefined, host: undefined },
        "TypeError: createServer: reusePort is for ports, and there is none beside path",
      ],
    ],
    transportValidation: [
      [
        { transportValidation: "strict" },
        'RangeError: createServer: transportValidation must be one of "error", "warn", "off", not "strict"',
      ],
      [
        { transportValidation: false },
        'TypeError: createServer: transportValidation must be one of "error", "warn", "off", not false',
      ],
    ],
    shutdown: [
      [{ shutdown: 30_000 }, "TypeError: createServer: shutdown must be an object, not 30000"],
      [{ shutdown: null }, "TypeError: createServer: shutdown must be an object, not null"],
    ],
    logger: [
      [{ logger: () => {} }, `${methodsOf("logger", "debug, info, warn, error")} it has no debug, info, warn, error`],
      [{ logger: { ...console, warn: "" } }, `${methodsOf("logger", "debug, info, warn, error")} it has no warn`],
      [{ logger: null }, `${methodsOf("logger", "debug, info, warn, error")} not null`],
    ],
    enabledServices: [
      [{ enabledServices: "a.Service" }, 'TypeError: createServer: enabledServices must be an array, not "a.Service"'],
      [
        { enabledServices: ["a.Service", EchoService] },
        "TypeError: createServer: enabledServices[1] must be a string, not an object",
      ],
    ],
    catalog: [
      [{ catalog: [EchoService] }, "TypeError: createServer: catalog must be an object, not an array"],
      [{ catalog: "orders" }, 'TypeError: createServer: catalog must be an object, not "orders"'],
      [
        { catalog: { "a.A": { typeName: "a.A" } } },
        'TypeError: createServer: catalog["a.A"] must be the descriptor of a service, not an object',
      ],
    ],
    remoteResolver: [
      [
        { remoteResolver: "http://orders" },
        'TypeError: createServer: remoteResolver must be a function, not "http://orders"',
      ],
    ],
    outgoingInterceptors: [
      [
        { outgoingInterceptors: () => {} },
        "TypeError: createServer: outgoingInterceptors must be an array, not a function",
      ],
      [
        { outgoingInterceptors: [null] },
        "TypeError: createServer: outgoingInterceptors[0] must be a function, not null",
      ],
    ],
    propagateHeaders: [
      [
        { propagateHeaders: "traceparent" },
        'TypeError: createServer: propagateHeaders must be an array, not "traceparent"',
      ],
      [{ propagateHeaders: [1] }, "TypeError: createServer: propagateHeaders[0] must be a string, not 1"],
      [
        { propagateHeaders: ["trace parent"] },
        'TypeError: createServer: propagateHeaders has "trace parent", which is no name of a header',
      ],
    ],
    eventBus: [
      [{ eventBus: "kafka" }, `${methodsOf("eventBus", "start, stop")} not "kafka"`],
      [{ eventBus: { async start() {} } }, `${methodsOf("eventBus", "start, stop")} it has no stop`],
    ],
    maxQueuedCalls: integer("maxQueuedCalls", 1, 0xffff_ffff),
    maxBufferedBytes: integer("maxBufferedBytes", 1, Number.MAX_SAFE_INTEGER),
    maxConnectionBytes: integer("maxConnectionBytes", 1, Number.MAX_SAFE_INTEGER),
    maxConcurrentStreams: integer("maxConcurrentStreams", 1, 0x7fff_ffff),
    detectionTimeout: time("detectionTimeout", 1),
    headersTimeout: time("headersTimeout", 1),
    requestTimeout: time("requestTimeout", 0),
    responseTimeout: time("responseTimeout", 0),
    pingInterval: time("pingInterval", 0),
    pingTimeout: time("pingTimeout", 1),
    maxConnectionAge: time("maxConnectionAge", 0),
    maxConnectionAgeGrace: time("maxConnectionAgeGrace", 0),
    maxConnectionIdle: time("maxConnectionIdle", 0),
    maxConnectionRequests: integer("maxConnectionRequests", 0, 0xffff_ffff),
    maxHeaderBytes: integer("maxHeaderBytes", 1024, 0x100_0000),
    maxHeaderFields: integer("maxHeaderFields", 1, 0xffff),
    streamWindowBytes: integer("streamWindowBytes", 1, 0x7fff_ffff),
    connectionWindowBytes: integer("connectionWindowBytes", 0xffff, 0x7fff_ffff),
    maxFrameBytes: integer("maxFrameBytes", 0x4000, 0xff_ffff),
    headerTableBytes: integer("headerTableBytes", 0, 0x100_0000),
    maxConnections: integer("maxConnections", 0, 0xffff_ffff),
    maxConnectionsPerAddress: integer("maxConnectionsPerAddress", 0, 0xffff_ffff),
    threads: integer("threads", 1, 64),
    tls: [
      [{ tls: true }, "TypeError: createServer: tls must be an object, not true"],
      [{ tls: "server.crt" }, 'TypeError: createServer: tls must be an object, not "server.crt"'],
    ],
    proxyProtocol: [
      [
        { proxyProtocol: "10.0.0.0/8" },
        'TypeError: createServer: proxyProtocol must be true, false or a list of networks, not "10.0.0.0/8"',
      ],
      [
        { proxyProtocol: null },
        "TypeError: createServer: proxyProtocol must be true, false or a list of networks, not null",
      ],
      [
        { proxyProtocol: [] },
        "RangeError: createServer: proxyProtocol must name at least one network; true is every client, false is none",
      ],
      [{ proxyProtocol: ["10.0.0.0/33"] }, network("proxyProtocol[0]", '"10.0.0.0/33"')],
      [{ proxyProtocol: ["10.0.0.0/8", "localhost"] }, network("proxyProtocol[1]", '"localhost"')],
      // biome-ignore lint/suspicious/noSparseArray: a hole is undefined
      [{ proxyProtocol: [, "10.0.0.1"] }, network("proxyProtocol[0]", "undefined")],
    ],
    trustedProxies: [
      [{ trustedProxies: "10.0.0.1" }, 'TypeError: createServer: trustedProxies must be an array, not "10.0.0.1"'],
      [{ trustedProxies: true }, "TypeError: createServer: trustedProxies must be an array, not true"],
      [{ trustedProxies: null }, "TypeError: createServer: trustedProxies must be an array, not null"],
      [{ trustedProxies: ["10.0.0.1", "::1/200"] }, network("trustedProxies[1]", '"::1/200"')],
      [{ trustedProxies: ["loopback"] }, network("trustedProxies[0]", '"loopback"')],
      [{ trustedProxies: [10] }, network("trustedProxies[0]", "10")],
    ],
    handshakeTimeout: time("handshakeTimeout", 1),
    cors: [
      [{ cors: "*" }, 'TypeError: createServer: cors must be an object or a boolean, not "*"'],
      [{ cors: null }, "TypeError: createServer: cors must be an object or a boolean, not null"],
    ],
    http2Options: [[{ http2Options: "none" }, 'TypeError: createServer: http2Options must be an object, not "none"']],
    interceptors: [
      [
        { interceptors: (next: unknown) => next },
        "TypeError: createServer: interceptors must be an array, not a function",
      ],
      [{ interceptors: null }, "TypeError: createServer: interceptors must be an array, not null"],
    ],
    protocols: [
      [
        { protocols: { name: "a", register() {} } },
        "TypeError: createServer: protocols must be an array, not an object",
      ],
      [
        { protocols: [Healthcheck] },
        "TypeError: createServer: protocols[0] must be a protocol, not a function. Did you mean Healthcheck()?",
      ],
      [
        { protocols: [defineService(EchoService, {} as never)] },
        "TypeError: createServer: protocols[0] is a service. Did you mean services: [...]?",
      ],
      [
        { protocols: [{ name: "a" }] },
        'TypeError: createServer: protocols[0] must have a function "register", as Healthcheck() has',
      ],
      [
        { protocols: [{ name: "a", register() {}, httpHandler: "/healthz" }] },
        'TypeError: createServer: protocols[0].httpHandler must be a function, not "/healthz"',
      ],
    ],
    contextValues: [
      [{ contextValues: new Map() }, "TypeError: createServer: contextValues must be a function, not a Map"],
    ],
    readMaxBytes: optionalInteger("readMaxBytes", 0, 0xffff_ffff),
    writeMaxBytes: optionalInteger("writeMaxBytes", 1, 0xffff_ffff),
    compressMinBytes: optionalInteger("compressMinBytes", 0, Number.MAX_SAFE_INTEGER),
    acceptCompression: [
      [{ acceptCompression: "gzip" }, 'TypeError: createServer: acceptCompression must be an array, not "gzip"'],
      [
        { acceptCompression: [compressionGzip, { ...compressionGzip, name: "snappy" }] },
        'TypeError: createServer: acceptCompression has "snappy"; it can have gzip, br, zstd',
      ],
      [
        { acceptCompression: ["deflate"] },
        'TypeError: createServer: acceptCompression has "deflate"; it can have gzip, br, zstd',
      ],
      [
        { acceptCompression: [{}] },
        "TypeError: createServer: acceptCompression[0] must be a name, or a compression of connect, which has one, not an object",
      ],
    ],
    maxTimeoutMs: optionalInteger("maxTimeoutMs", 1, Number.MAX_SAFE_INTEGER),
    requireConnectProtocolHeader: [
      [
        { requireConnectProtocolHeader: "yes" },
        'TypeError: createServer: requireConnectProtocolHeader must be true or false, not "yes"',
      ],
    ],
    binaryOptions: [[{ binaryOptions: [] }, "TypeError: createServer: binaryOptions must be an object, not an array"]],
    jsonOptions: [[{ jsonOptions: true }, "TypeError: createServer: jsonOptions must be an object, not true"]],
  },
  mistaken: {
    routes: "services",
    hostname: "host",
    address: "host",
    ssl: "tls",
    trustProxy: "trustedProxies",
    maxMessageSize: "readMaxBytes",
    maxMessageBytes: "readMaxBytes",
    maxRequestBytes: "readMaxBytes",
    keepAliveTimeout: "headersTimeout",
    idleTimeout: "maxConnectionIdle",
    autoShutdown: "shutdown.autoShutdown",
    signals: "shutdown.signals",
  },
};
