// Compiled, never run: the options of createServer(), as programs write them.
import type { SecureServerOptions } from "node:http2";
import process from "node:process";
import type { ConnectRouter, Interceptor } from "@connectrpc/connect";
import {
  type CorsOptions,
  type CreateServerOptions,
  createServer,
  type EventBusLike,
  type FetchHandler,
  type Http2Options,
  type ListenerOptions,
  type ProtocolRegistration,
  type ShutdownOptions,
  type TLSOptions,
  TransportValidationMode,
} from "@connectum/core";
import type { CreateServerOptions as OfTypes } from "@connectum/core/types";
import { Hono } from "hono";

const interceptor: Interceptor = (next) => (request) => next(request);
const services: ((router: ConnectRouter) => void)[] = [];

/** All optional properties set to undefined, as in `{ port: config.port }` when the file has no port. */
type Absent<T> = { [K in keyof T as undefined extends T[K] ? K : never]: undefined };

declare const absent: Absent<CreateServerOptions>;
declare const absentShutdown: Absent<ShutdownOptions>;
declare const absentTls: Absent<TLSOptions>;
createServer({ services, ...absent });
createServer({ services, shutdown: absentShutdown, tls: absentTls });

// Every option but `services` is among them.
export const needed: Exclude<keyof CreateServerOptions, keyof typeof absent> = "services";

// Certificates of the environment.
createServer({ services, tls: { cert: process.env["TLS_CERT"], key: process.env["TLS_KEY"] } });
declare const secret: { cert: string | undefined; key: string | undefined };
createServer({ services, tls: secret });
createServer({ services, tls: { certPath: process.env["TLS_CERT_PATH"], keyPath: process.env["TLS_KEY_PATH"] } });
createServer({ services, tls: { cert: Buffer.from(""), key: new Uint8Array() } });
createServer({ services, tls: {} });
createServer({ services, tls: () => ({ cert: "", key: "" }) });
createServer({ services, tls: async () => ({ dirPath: "keys", ca: ["one.crt", new Uint8Array()], watch: false }) });
// @ts-expect-error A function that returns nothing is a mistake.
createServer({ services, tls: () => {} });

// Options are exact.
// @ts-expect-error There is no such option.
createServer({ services, prot: 5000 });
// @ts-expect-error There is no such option of TLS.
createServer({ services, tls: { requestCert: true } });
// @ts-expect-error No version of Node has it.
createServer({ services, http2Options: { maxStreams: 1 } });
// @ts-expect-error Nor this setting.
createServer({ services, http2Options: { settings: { maxStreams: 1 } } });
createServer({ services, http2Options: { maxSessionMemory: 10, settings: { enablePush: false } } });
// @ts-expect-error An async function registers its services too late.
createServer({ services: [async () => {}] });
createServer({ services, acceptCompression: ["br", "gzip"] });
// @ts-expect-error There is no such compression.
createServer({ services, acceptCompression: ["deflate"] });

// Pages of other origins.
createServer({ services, proxyProtocol: true, trustedProxies: ["10.0.0.0/8", "unix"] as const });
createServer({ services, listeners: [{ port: 0, proxyProtocol: ["10.0.0.1"] as const }] });
// @ts-expect-error a network is in a list
createServer({ services, proxyProtocol: "10.0.0.1" });
// @ts-expect-error there is no way to trust everybody
createServer({ services, trustedProxies: true });
createServer({ services, cors: true });
createServer({ services, cors: process.env["NODE_ENV"] !== "production" });
createServer({ services, cors: { origins: ["https://app.example"] as const, credentials: true, maxAge: 600 } });
declare const cors: CorsOptions;
createServer({ services, cors });
// @ts-expect-error Rust cannot ask JavaScript.
createServer({ services, cors: { origins: [/example$/] } });
// @ts-expect-error There is no such option of CORS.
createServer({ services, cors: { origin: "*" } });

// Lists and literals.
const fixed: readonly Interceptor[] = [interceptor];
createServer({
  services,
  interceptors: [...fixed, interceptor],
  enabledServices: ["a.Service"] as const,
  transportValidation: "warn",
  shutdown: { autoShutdown: true, timeout: 30_000, forceCloseOnTimeout: true, signals: ["SIGTERM"] },
  jsonOptions: { alwaysEmitImplicit: true, ignoreUnknownFields: false },
  logger: console,
});
createServer({ services, transportValidation: TransportValidationMode.OFF });

// Interceptors and protocols are the program's own arrays, which it may extend before it creates a server.
declare const protocol: ProtocolRegistration;
export function withDefaults(options: CreateServerOptions): CreateServerOptions {
  options.interceptors?.push(interceptor);
  options.protocols?.push(protocol);
  return options;
}
export const lists: { interceptors?: Interceptor[] | undefined; protocols?: ProtocolRegistration[] | undefined } =
  withDefaults({ services });

// Options that were written for a server of node:http2.
declare const ofNode: SecureServerOptions;
createServer({ services, http2Options: ofNode });
createServer({ services, http2Options: { ...ofNode, ca: [new Uint8Array()] as const, minVersion: "TLSv1.3" } });
createServer({ services, http2Options: { allowHTTP1: true, settings: { maxConcurrentStreams: 10 }, ciphers: "x" } });
export const http2Options: Http2Options = ofNode;
declare const absentHttp2: Absent<SecureServerOptions>;
createServer({ services, http2Options: absentHttp2 });
// @ts-expect-error node:http2 has no such option.
createServer({ services, http2Options: { requestCerts: true } });
// @ts-expect-error A switch is true or false.
createServer({ services, http2Options: { requestCert: "true" } });

// A handler of the Fetch standard: an application of Hono, a function that is async or not.
createServer({ services, fetch: new Hono().fetch });
createServer({ services, fetch: async (request) => new Response(request.body) });
export const fetchHandler: FetchHandler = ({ url }) => Response.json({ url });
// @ts-expect-error An application is no function.
createServer({ services, fetch: new Hono() });
// @ts-expect-error A text is no Response.
createServer({ services, fetch: () => "text" });

// An event bus, as a class with more members.
class Bus implements EventBusLike {
  async start({ signal }: { signal?: AbortSignal } = {}) {
    signal?.throwIfAborted();
  }
  async stop() {}
  async publish(_: string) {}
}
createServer({ services, eventBus: new Bus() });

// Options that are created elsewhere, with the type from either entry point.
const options: OfTypes = { services, port: Number(process.env["PORT"]) || 5000 };
createServer(options);

// Listeners, which may be made elsewhere, too.
declare const absentListener: Absent<ListenerOptions>;
const listeners: readonly ListenerOptions[] = [
  { port: 0, ...absentListener },
  { path: "/run/app.sock", tls: {} },
];
createServer({ services, listeners });
createServer({ services, path: "/run/app.sock" });
createServer({ services, fd: 3, allowHTTP1: false });
// @ts-expect-error There is no such option of a listener.
createServer({ services, listeners: [{ port: 0, threads: 2 }] });

// @ts-expect-error A port is a number.
createServer({ services, port: "5000" });

// @ts-expect-error There is no such mode.
createServer({ services, transportValidation: "strict" });

// @ts-expect-error There is no such signal.
createServer({ services, shutdown: { signals: ["SIGTREM"] } });

// @ts-expect-error There is no such option.
createServer({ services, ports: 5000 });

// @ts-expect-error A bus can be stopped.
createServer({ services, eventBus: { start: async () => {} } });
