// Protocols that Rust answers: how they describe themselves, and what the server does with the description.
import type { ProtocolRegistration } from "./protocol.ts";

/** The key of a registration's description: `registration[BUILT_IN_PROTOCOL]`. Its own package needs no import of this one. */
export const BUILT_IN_PROTOCOL = Symbol.for("connectum.protocol");

/** What a protocol is that Rust can answer. Everything it registers stays there for calls that JavaScript has to answer. */
export type BuiltInProtocol =
  | { readonly kind: "health"; readonly state: HealthState }
  | { readonly kind: "reflection"; readonly state: ReflectionState };

/** The health of servers, as whoever keeps it shows it to them. */
export interface HealthState {
  /** Whether interceptors run for its RPCs. JavaScript answers them then, if there are any. */
  readonly interceptors: boolean;
  /** Paths of the endpoints for plain HTTP; empty for none. */
  readonly httpPaths: readonly string[];
  /** The server is not ready when its event loop is late by more than this, in milliseconds. */
  readonly eventLoopTimeout: number;
  /** The process is not alive when its event loop is late by more than this, in milliseconds. */
  readonly livenessTimeout: number;
  /** The services that a server serves, by full name, those of health and reflection left out. Once for each server. */
  initialize(services: readonly string[]): void;
  /** Tells `sink` every entry, then each change, until the function that it returns is called. */
  attach(sink: HealthSink): () => void;
  /** A server that it is attached to has become ready: its listeners have run. */
  ready(): void;
}

/** A server that is told of health. */
export interface HealthSink {
  /** States by name, as numbers of `ServingStatus`; null for an entry that is gone. All of a list is told at once. */
  set(changes: ReadonlyArray<readonly [name: string, status: number | null]>): void;
  /** By how many milliseconds the event loop is late, or was when it last gave a sign of life. */
  eventLoopLagMs(): number;
}

/** Nothing: what is reflected is what the server serves. */
export type ReflectionState = Readonly<Record<string, never>>;

/** The description of a registration, if it has one. */
export function builtInProtocol(protocol: ProtocolRegistration): BuiltInProtocol | undefined {
  const description: unknown = Reflect.get(protocol, BUILT_IN_PROTOCOL);
  return isBuiltInProtocol(description) ? description : undefined;
}

/** Of another version of its package a description may be of another kind: it is a protocol like any other then. */
function isBuiltInProtocol(description: unknown): description is BuiltInProtocol {
  if (typeof description !== "object" || description === null || !("kind" in description)) return false;
  return "state" in description && (description.kind === "health" || description.kind === "reflection");
}
