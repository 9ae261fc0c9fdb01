// Resolvers, which find the transport to a service that is not mounted on the server itself.
import process from "node:process";
import type { Transport } from "@connectrpc/connect";
import {
  assertFunction,
  assertKnownKeys,
  assertObject,
  assertString,
  isPlainObject,
  type Keys,
  shown,
} from "@connectum/hooks";
import { defaultTransport } from "./default-transport.ts";

/** What a resolver is asked. */
export interface ResolverContext {
  /** The full name of the service. */
  readonly typeName: string;
  /** Which of several instances is meant. Absent unless the caller has said so. */
  readonly endpoint?: string | undefined;
}

/**
 * Finds the transport to a service; null means that there is none. Called when the service is called first, and again
 * after null or an error. It must not wait for the network.
 */
export type RemoteResolver = (ctx: ResolverContext) => Transport | null;

/** Options of {@link dnsResolver}. */
export interface DnsResolverOptions {
  /** A base URL in which `{shortName}` or `{name}` stands for the service: `http://{name}.default.svc:5000`. */
  readonly template: string;
  /** Makes the transport to a base URL. Default: gRPC over HTTP/2, by `@connectrpc/connect-node`. */
  readonly createTransport?: (baseUrl: string) => Transport;
}

/** Options of {@link perServiceEnvResolver}. */
export interface PerServiceEnvResolverOptions {
  /** Makes the transport to a base URL. Default: gRPC over HTTP/2, by `@connectrpc/connect-node`. */
  readonly createTransport?: (baseUrl: string) => Transport;
}

const DNS_KEYS = { template: true, createTransport: true } as const satisfies Keys<DnsResolverOptions>;
const ENV_KEYS = { createTransport: true } as const satisfies Keys<PerServiceEnvResolverOptions>;

/**
 * One transport for all services, of a gateway or a mesh for example.
 *
 * @throws TypeError for anything that is no transport
 */
export function singleTransportResolver(transport: Transport): RemoteResolver {
  assertTransport("singleTransportResolver", transport);
  return () => transport;
}

/**
 * Transports by the full names of services.
 *
 * @throws TypeError for anything but an object
 */
export function mapResolver(map: Readonly<Record<string, Transport>>): RemoteResolver {
  assertMap("mapResolver", map);
  return ({ typeName }) => (Object.hasOwn(map, typeName) ? (map[typeName] ?? null) : null);
}

/**
 * Base URLs by a template, in which the last part of the service's name stands, without `Service` and in lower case:
 * `orders` for `orders.v1.OrdersService`.
 *
 * @throws TypeError for invalid options
 */
export function dnsResolver(options: DnsResolverOptions): RemoteResolver {
  assertObject("dnsResolver", "the options", options);
  assertKnownKeys(options, DNS_KEYS, { where: "dnsResolver" });
  const { template, createTransport = defaultTransport } = options;
  if (typeof template !== "string")
    throw new TypeError(`dnsResolver: template must be a string, not ${shown(template)}`);
  assertFunction("dnsResolver", "createTransport", createTransport);
  return ({ typeName }) => createTransport(template.replace(/\{(?:shortName|name)\}/g, () => shortName(typeName)));
}

/**
 * Base URLs from environment variables: `map` has the variable for each full name. A service without a variable, and
 * one whose variable is not set or blank, has no transport.
 *
 * @throws TypeError for invalid options
 */
export function perServiceEnvResolver(
  map: Readonly<Record<string, string>>,
  options: PerServiceEnvResolverOptions = {},
): RemoteResolver {
  assertMap("perServiceEnvResolver", map);
  for (const [typeName, variable] of Object.entries(map)) {
    assertString("perServiceEnvResolver", `the variable of "${typeName}"`, variable);
  }
  assertObject("perServiceEnvResolver", "the options", options);
  assertKnownKeys(options, ENV_KEYS, { where: "perServiceEnvResolver" });
  const { createTransport = defaultTransport } = options;
  assertFunction("perServiceEnvResolver", "createTransport", createTransport);
  return ({ typeName }) => {
    const variable = Object.hasOwn(map, typeName) ? map[typeName] : undefined;
    const baseUrl = variable === undefined ? "" : (process.env[variable] ?? "").trim();
    return baseUrl === "" ? null : createTransport(baseUrl);
  };
}

function shortName(typeName: string): string {
  const last = typeName.slice(typeName.lastIndexOf(".") + 1);
  return last.replace(/Service$/, "").toLowerCase();
}

/** Whether a value has the two methods of a transport. */
export function isTransport(value: unknown): value is Transport {
  if (typeof value !== "object" || value === null) return false;
  return ["unary", "stream"].every((name) => typeof Reflect.get(value, name) === "function");
}

/** @throws TypeError for anything but an object */
function assertMap(where: string, map: unknown): void {
  if (isPlainObject(map)) return;
  throw new TypeError(`${where}: the map must be an object with the full names of services, not ${shown(map)}`);
}

/** @throws TypeError for anything that is no transport */
function assertTransport(where: string, transport: unknown): void {
  if (isTransport(transport)) return;
  throw new TypeError(`${where}: the argument must be a transport of connect, not ${shown(transport)}`);
}
