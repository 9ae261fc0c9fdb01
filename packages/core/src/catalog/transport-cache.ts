// The transports to services of other servers: each is resolved once, and kept.
import type { Interceptor, Transport } from "@connectrpc/connect";
import { isThenable, shown } from "@connectum/hooks";
import { closeTransport } from "./default-transport.ts";
import { interceptedTransport } from "./intercepted-transport.ts";
import { isTransport, type RemoteResolver } from "./resolvers.ts";

export class TransportCache {
  readonly #resolver: RemoteResolver | undefined;
  readonly #interceptors: readonly Interceptor[];
  /** By name and endpoint. */
  readonly #transports = new Map<string, Map<string, Transport>>();
  /** What the resolver gave. */
  readonly #resolved = new Set<Transport>();
  #isClosed = false;

  /** @param interceptors around every call of a transport; the first is outermost */
  constructor(resolver: RemoteResolver | undefined, interceptors: readonly Interceptor[] = []) {
    this.#resolver = resolver;
    this.#interceptors = interceptors;
  }

  /**
   * The transport to a service; null without one, or without a resolver. Only transports are kept: the resolver is
   * asked again after null, and after an error.
   *
   * @param endpoint no endpoint and `""` are the same
   * @throws whatever the resolver throws
   */
  find(typeName: string, endpoint: string | undefined): Transport | null {
    const instance = endpoint ?? "";
    const known = this.#transports.get(typeName)?.get(instance);
    if (known !== undefined) return known;
    const resolved: unknown = this.#resolver?.(endpoint === undefined ? { typeName } : { typeName, endpoint });
    if (resolved === null || resolved === undefined) return null;
    const transport = transportOf(resolved);
    this.#resolved.add(transport);
    // A transport that nobody would close.
    if (this.#isClosed) closeTransport(transport);
    const own = this.#interceptors.length === 0 ? transport : interceptedTransport(transport, this.#interceptors);
    const instances = this.#transports.get(typeName) ?? new Map<string, Transport>();
    instances.set(instance, own);
    this.#transports.set(typeName, instances);
    return own;
  }

  /** Closes the connections of transports that a resolver made by default. Those that it was given are left alone. */
  close(): void {
    this.#isClosed = true;
    for (const transport of this.#resolved) closeTransport(transport);
  }
}

/** @throws TypeError for anything that a resolver must not return */
function transportOf(resolved: unknown): Transport {
  if (isTransport(resolved)) return resolved;
  // Nobody awaits it, and an unhandled rejection ends the process.
  if (isThenable(resolved)) resolved.then(undefined, () => {});
  throw new TypeError(`a resolver must return a transport of connect, or null, at once: not ${shown(resolved)}`);
}
