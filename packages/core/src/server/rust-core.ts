// The Rust core of one server: the native server, and the dispatcher of its calls.
import type { AddressInfo } from "node:net";
import type { ConnectError } from "@connectrpc/connect";
import type { HealthSink, HealthState } from "@connectum/hooks";
import {
  HEALTH_REMOVED,
  NativeCalls,
  type NativeHealthOptions,
  type NativeJsonOptions,
  NativeServer,
  type NativeServerCertificate,
  type NativeTlsOptions,
} from "../boundary/native.ts";
import { Dispatcher, type TlsReloaded } from "../calls/dispatch.ts";
import type { Logger } from "../options/logger.ts";
import type { RouteTable } from "../services/router.ts";
import { SchemaIndex, schemaContents } from "../services/schema-index.ts";
import type { ListenerWarnings } from "./certificate-warnings.ts";
import type { ListenOptions } from "./server-options.ts";

export class RustCore {
  readonly #native: NativeServer;
  readonly #dispatcher: Dispatcher;

  /** Opens nothing yet. */
  constructor(options: ListenOptions, table: RouteTable, logger: Logger, tlsReloaded: TlsReloaded) {
    const methods = table.routes.map((route) => route.toNative());
    const hasReflection = methods.some(({ builtIn }) => builtIn === "reflection");
    const native = {
      ...options,
      plainHttp: table.httpHandlers.length > 0 || table.fetch !== undefined,
      json: jsonOptions(table),
      health: table.health === undefined ? null : healthOptions(table.health),
    };
    this.#native = new NativeServer(native, methods, hasReflection ? schemaOf(table) : null);
    this.#dispatcher = new Dispatcher(
      (doorbell) => new NativeCalls(this.#native, doorbell),
      table,
      logger,
      tlsReloaded,
    );
  }

  /** The receiver of the health that the application reports. */
  get health(): HealthSink {
    return {
      set: (changes) =>
        this.#native.reportHealth(
          changes.map(([name]) => name),
          changes.map(([, status]) => status ?? HEALTH_REMOVED),
        ),
      eventLoopLagMs: () => this.#native.eventLoopLag(),
    };
  }

  /**
   * Returns the address of each listener: a path for a Unix socket.
   *
   * @throws Error as Node's `listen()`, with `code`, `errno`, `syscall`, `address` and `port`, or `path`, or `fd`
   */
  listen(): (AddressInfo | string)[] {
    const addresses = this.#native.listen();
    this.#dispatcher.open();
    return addresses.map((listened) => (listened.family === "Unix" ? listened.address : listened));
  }

  /** The warnings about the TLS of each listener. */
  get tlsWarnings(): readonly ListenerWarnings[] {
    return this.#native.tlsWarnings().map((warnings, listener) => ({ ...warnings, listener }));
  }

  /** The certificates of all listeners. */
  get certificates(): readonly NativeServerCertificate[] {
    return this.#native.certificates();
  }

  /**
   * Replaces the TLS of the listener at this position.
   *
   * @throws Error with a `code` for what cannot be used; then nothing is replaced
   */
  reloadTls(listener: number, tls: NativeTlsOptions): void {
    this.#native.reloadTls(listener, tls);
  }

  /** Health says from now on that nothing is serving. Everything else goes on. */
  stopServing(): void {
    this.#native.stopServing();
  }

  /**
   * Waits for the connections to end; false after `timeoutMs`.
   *
   * @param abort whether the calls that are left by then fail, and the server is closed
   */
  drain(timeoutMs: number, abort: boolean): Promise<boolean> {
    return this.#native.drain(timeoutMs, abort);
  }

  /** Aborts the signals of the streams in flight, and ends idle streams of built-in services. */
  abortStreams(reason: ConnectError): void {
    this.#native.endIdleStreams();
    this.#dispatcher.abortStreams(reason);
  }

  /** Closes all connections, and informs the calls that are aborted by that. */
  close(): void {
    this.#native.close();
    this.#dispatcher.close();
  }
}

/** Reflection shows all that is mounted. */
function schemaOf({ server }: RouteTable) {
  const { files, services } = schemaContents(server.services);
  return new SchemaIndex(files, services).native;
}

/** Built-in services read and write JSON as those of JavaScript do. */
function jsonOptions({ options: { jsonOptions } }: RouteTable): NativeJsonOptions {
  const { ignoreUnknownFields = true, alwaysEmitImplicit = false } = jsonOptions;
  const { enumAsInteger = false, useProtoFieldName = false } = jsonOptions;
  return { ignoreUnknownFields, alwaysEmitImplicit, enumAsInteger, useProtoFieldName };
}

function healthOptions({ httpPaths, eventLoopTimeout, livenessTimeout }: HealthState): NativeHealthOptions {
  return { httpPaths: [...httpPaths], eventLoopTimeout, livenessTimeout };
}
