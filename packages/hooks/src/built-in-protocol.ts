// `connectum.protocol`: the description of a protocol that Rust can serve.

/** The key of a registration's description. Its package needs no import of `@connectum/core`. */
export const BUILT_IN_PROTOCOL = Symbol.for("connectum.protocol");

/** A protocol that Rust can serve. Its registered handlers serve the calls that need JavaScript. */
export type BuiltInProtocol =
  | { readonly kind: "health"; readonly state: HealthState }
  | { readonly kind: "reflection"; readonly state: ReflectionState };

/** The health that a package keeps, as servers see it. */
export interface HealthState {
  /** Whether the server's interceptors run for its RPCs. If there are any, JavaScript serves them then. */
  readonly interceptors: boolean;
  /** Paths of the endpoints for plain HTTP; empty for none. */
  readonly httpPaths: readonly string[];
  /** The server is not ready when its event loop is late by more than this, in milliseconds. */
  readonly eventLoopTimeout: number;
  /** The process is not alive when its event loop is late by more than this, in milliseconds. */
  readonly livenessTimeout: number;
  /** Gets the full names of the services that a server serves, without health and reflection. Once for each server. */
  initialize(services: readonly string[]): void;
  /** Sends `sink` every entry, then each change, until the function that it returns is called. */
  attach(sink: HealthSink): () => void;
  /**
   * A server that it is attached to has become ready: its listeners have run.
   *
   * @param warn gets a warning, once, if the server is still not healthy some time later because nobody said that it is
   * @returns a function that prevents the warning: the server begins to stop
   */
  ready(warn?: (message: string) => void): () => void;
}

/** The receiver of changes of health: a server. */
export interface HealthSink {
  /** Statuses by name, as numbers of `ServingStatus`; null for a removed entry. Watchers see a list as one batch. */
  set(changes: ReadonlyArray<readonly [name: string, status: number | null]>): void;
  /** The delay of the event loop in milliseconds, now or when it last acknowledged a ping. */
  eventLoopLagMs(): number;
}

/** The reflection of a server: it shows what the server serves. */
export interface ReflectionState {
  /** Whether the server's interceptors run for its RPCs; JavaScript serves them then. Default true. */
  readonly interceptors?: boolean;
}

/** Puts `description` under {@link BUILT_IN_PROTOCOL}. Returns the registration itself. */
export function withBuiltInProtocol<Registration extends object>(
  registration: Registration,
  description: BuiltInProtocol,
): Registration {
  return Object.assign(registration, { [BUILT_IN_PROTOCOL]: description });
}

/**
 * The description of a registration. Undefined without one, and for one of an unknown kind, which a newer package may
 * have: JavaScript serves such a protocol like any other.
 */
export function builtInProtocolOf(registration: object): BuiltInProtocol | undefined {
  const description: unknown = Reflect.get(registration, BUILT_IN_PROTOCOL);
  return isBuiltInProtocol(description) ? description : undefined;
}

function isBuiltInProtocol(description: unknown): description is BuiltInProtocol {
  if (typeof description !== "object" || description === null || !("kind" in description)) return false;
  return "state" in description && (description.kind === "health" || description.kind === "reflection");
}
