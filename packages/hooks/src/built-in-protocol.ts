// `connectum.protocol`: how a protocol describes itself to a server that can serve it as a built-in service, in Rust.

/** The key of a registration's description. A well-known symbol, so that its package need not import `@connectum/core`. */
export const BUILT_IN_PROTOCOL = Symbol.for("connectum.protocol");

/** A description. What the protocol registers is still there, for calls that JavaScript has to serve. */
export type BuiltInProtocol =
  | { readonly kind: "health"; readonly state: HealthState }
  | { readonly kind: "reflection"; readonly state: ReflectionState };

/** Health as a server sees it. */
export interface HealthState {
  /** Whether interceptors run for its RPCs. If there are any, JavaScript serves them. */
  readonly interceptors: boolean;
  /** Paths of the plain HTTP endpoints; empty for none. */
  readonly httpPaths: readonly string[];
  /** The server is not ready when its event loop is late by more than this, in milliseconds. */
  readonly eventLoopTimeout: number;
  /** The process is not alive when its event loop is late by more than this, in milliseconds. */
  readonly livenessTimeout: number;
  /** Called once for each server, with the full names of its services; those of health and reflection are left out. */
  initialize(services: readonly string[]): void;
  /** Reports every entry to `sink`, then each change, until the returned function is called. */
  attach(sink: HealthSink): () => void;
  /** A server that it is attached to has become ready, and its `ready` listeners have run. */
  ready(): void;
}

/** A server that health is reported to. */
export interface HealthSink {
  /** Statuses by name, as numbers of `ServingStatus`; null for an entry that was removed. Watchers see a list at once. */
  set(changes: ReadonlyArray<readonly [name: string, status: number | null]>): void;
  /** How late the event loop is, or was when it last acknowledged a ping, in milliseconds. */
  eventLoopLagMs(): number;
}

/** Empty: reflection shows what the server serves. */
export type ReflectionState = Readonly<Record<string, never>>;

/** Puts `description` under {@link BUILT_IN_PROTOCOL}. Returns the registration itself. */
export function withBuiltInProtocol<Registration extends object>(
  registration: Registration,
  description: BuiltInProtocol,
): Registration {
  return Object.assign(registration, { [BUILT_IN_PROTOCOL]: description });
}

/**
 * The description of a registration. Undefined without one, and for one of an unknown kind, which a newer package may
 * have: JavaScript answers such a protocol like any other.
 */
export function builtInProtocolOf(registration: object): BuiltInProtocol | undefined {
  const description: unknown = Reflect.get(registration, BUILT_IN_PROTOCOL);
  return isBuiltInProtocol(description) ? description : undefined;
}

/** Another version of a package may describe itself in another way: then it is a protocol like any other. */
function isBuiltInProtocol(description: unknown): description is BuiltInProtocol {
  if (typeof description !== "object" || description === null || !("kind" in description)) return false;
  return "state" in description && (description.kind === "health" || description.kind === "reflection");
}
