// Compiled, never run: the options of createServer(), as programs write them.
import process from "node:process";
import type { ConnectRouter, Interceptor } from "@connectrpc/connect";
import {
  type CreateServerOptions,
  createServer,
  type EventBusLike,
  type ShutdownOptions,
  type TLSOptions,
  TransportValidationMode,
} from "@connectum/core";
import type { CreateServerOptions as OfTypes } from "@connectum/core/types";

const interceptor: Interceptor = (next) => (request) => next(request);
const services: ((router: ConnectRouter) => void)[] = [];

/** All that may be absent, made undefined: what comes of `{ port: config.port }` when the file has no port. */
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

// Lists, read-only or not, and literals.
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
createServer({ services, interceptors: fixed, transportValidation: TransportValidationMode.OFF });

// A bus, as a class that knows more.
class Bus implements EventBusLike {
  async start({ signal }: { signal?: AbortSignal } = {}) {
    signal?.throwIfAborted();
  }
  async stop() {}
  async publish(_: string) {}
}
createServer({ services, eventBus: new Bus() });

// Options that are made elsewhere, by the name of either entry point.
const options: OfTypes = { services, port: Number(process.env["PORT"]) || 5000 };
createServer(options);

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
