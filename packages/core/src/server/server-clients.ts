// The clients that a server has itself: of its own services, and of those that its handlers call.
import type { DescService } from "@bufbuild/protobuf";
import { type Client, Code, ConnectError, createClient, type Interceptor, type Transport } from "@connectrpc/connect";
import { assertKnownKeys, assertObject, assertString, type Keys } from "@connectum/hooks";
import { CatalogConfigError } from "../catalog/catalog.ts";
import { CONTEXT_TEXTS, OutgoingCalls } from "../catalog/outgoing-calls.ts";
import { assertService } from "../catalog/service-descriptor.ts";
import { TransportCache } from "../catalog/transport-cache.ts";
import { LocalCalls } from "../local/local-calls.ts";
import { LocalTransport } from "../local/local-transport.ts";
import type { RouteTable } from "../services/router.ts";
import type { CatalogOptions } from "./catalog-options.ts";

/** Options of `server.client()`. */
export interface ServerClientOptions {
  /** For the resolver: which of several instances is meant. Without effect for a service of the same server. */
  endpoint?: string | undefined;
}

const OPTION_KEYS = { endpoint: true } as const satisfies Keys<ServerClientOptions>;

export class ServerClients {
  /** Makes the calls of handlers. */
  readonly outgoing: OutgoingCalls;
  readonly #table: () => RouteTable;
  readonly #options: CatalogOptions;
  readonly #interceptors: readonly Interceptor[];
  /** The names of the services that are mounted. */
  #mounted: ReadonlySet<string> | undefined;
  #calls: LocalCalls | undefined;
  #isClosed = false;
  #cache: TransportCache | undefined;
  /** For `localClient()`. */
  readonly #plain = new LocalTransport(() => this.calls);
  /** For `client()`, and for the calls of handlers. */
  readonly #intercepted: LocalTransport;

  /**
   * @param options read when they are used, but for `outgoingInterceptors`
   * @param table makes the routes, unless they are made already
   */
  constructor(options: CatalogOptions, table: () => RouteTable) {
    this.#options = options;
    this.#table = table;
    this.#interceptors = Array.isArray(options.outgoingInterceptors) ? [...options.outgoingInterceptors] : [];
    this.#intercepted = new LocalTransport(() => this.calls, this.#interceptors);
    this.outgoing = new OutgoingCalls({
      get catalog() {
        return options.catalog;
      },
      get propagateHeaders() {
        return options.propagateHeaders ?? [];
      },
      texts: CONTEXT_TEXTS,
      find: (typeName, endpoint) => (this.has(typeName) ? this.#intercepted : this.#remote.find(typeName, endpoint)),
    });
  }

  /** The calls in process. */
  get calls(): LocalCalls {
    if (this.#calls === undefined) {
      this.#calls = new LocalCalls(this.#table().routes, this.#options.logger);
      if (this.#isClosed) this.#calls.close();
    }
    return this.#calls;
  }

  /** Whether a service is mounted. */
  has(typeName: string): boolean {
    this.#mounted ??= new Set(this.#table().services.map((service) => service.typeName));
    return this.#mounted.has(typeName);
  }

  /** @throws TypeError for anything but the descriptor of a service */
  localClient<T extends DescService>(service: T): Client<T> {
    assertService("localClient", service);
    void this.calls;
    return createClient(service, this.#plain);
  }

  /**
   * @throws TypeError for anything but the descriptor of a service, and for invalid options; CatalogConfigError without
   * a resolver; ConnectError `unavailable` without a route; whatever the resolver throws
   */
  client<T extends DescService>(service: T, options: ServerClientOptions = {}): Client<T> {
    assertService("client", service);
    assertObject("client", "options", options);
    assertKnownKeys(options, OPTION_KEYS, { where: "client" });
    assertString("client", "endpoint", options.endpoint);
    return createClient(service, this.#transportTo(service.typeName, options.endpoint));
  }

  /**
   * Ends the connections of transports that a resolver made by default; later calls in process fail.
   *
   * @param abort whether those in flight fail, too
   */
  close(abort: boolean): void {
    this.#isClosed = true;
    this.#calls?.close();
    if (abort) this.#calls?.abort();
    this.#cache?.close();
  }

  /** The transports of the resolver. */
  get #remote(): TransportCache {
    this.#cache ??= new TransportCache(this.#options.remoteResolver, this.#interceptors);
    return this.#cache;
  }

  #transportTo(typeName: string, endpoint: string | undefined): Transport {
    if (this.has(typeName)) return this.#intercepted;
    if (this.#options.remoteResolver === undefined) {
      throw new CatalogConfigError(
        `Cannot create a client for "${typeName}": it is not mounted locally and no remoteResolver is configured. ` +
          "Mount it locally (createServer({ services })) or configure createServer({ remoteResolver }).",
      );
    }
    const transport = this.#remote.find(typeName, endpoint);
    if (transport !== null) return transport;
    const where = endpoint === undefined ? `"${typeName}"` : `"${typeName}" (endpoint "${endpoint}")`;
    throw new ConnectError(`No route for service ${where}: the resolver returned null.`, Code.Unavailable);
  }
}
