// The attributes of spans and metrics that are known when a call begins.
import type { Attributes } from "@opentelemetry/api";
import type { Semconv } from "../environment/semconv.ts";
import * as names from "./names.ts";
import { networkProtocolOf, type RpcProtocol, stableSystemOf, systemOf } from "./rpc-protocol.ts";
import { ATTR_RPC_SYSTEM_NAME } from "./stable-names.ts";
import type { ConnectumTransport } from "./transport.ts";

export interface BaseAttributeParams {
  /** The full name of the service: `shop.v1.Orders`. */
  service: string;
  /** The method's name in the `.proto`: `GetOrder`. */
  method: string;
  /** Undefined leaves the attribute out. */
  serverAddress: string | undefined;
  serverPort?: number | undefined;
  /** Default `connect`. */
  protocol?: RpcProtocol | undefined;
  /** Default `http`. */
  transport?: ConnectumTransport | undefined;
  /** Default `legacy`. */
  semconv?: Semconv | undefined;
}

/**
 * Keeps an attribute if it returns true. Sees those that are known when a call begins, and those of the peer; not
 * `transport`, `connectum.transport`, nor what a call ends with, such as `error.type`.
 */
export type OtelAttributeFilter = (key: string, value: string | number | boolean) => boolean;

export function buildBaseAttributes(params: BaseAttributeParams): Record<string, string | number> {
  const { service, method, serverAddress, serverPort, protocol = "connect", semconv = "legacy" } = params;
  const isLegacy = semconv !== "stable";
  const isStable = semconv !== "legacy";
  return {
    ...(isLegacy && { [names.ATTR_RPC_SYSTEM]: systemOf(protocol), [names.ATTR_RPC_SERVICE]: service }),
    ...(isStable && { [ATTR_RPC_SYSTEM_NAME]: stableSystemOf(protocol) }),
    [names.ATTR_RPC_METHOD]: isStable ? `${service}/${method}` : method,
    ...(serverAddress !== undefined && { [names.ATTR_SERVER_ADDRESS]: serverAddress }),
    ...(serverPort !== undefined && { [names.ATTR_SERVER_PORT]: serverPort }),
    [names.ATTR_NETWORK_PROTOCOL_NAME]: networkProtocolOf(protocol, semconv),
    [names.ATTR_NETWORK_TRANSPORT]: params.transport === "in-process" ? "inproc" : "tcp",
  };
}

/** The attributes that the filter keeps, in a new object; the same object without a filter. */
export function applyAttributeFilter(
  attributes: Record<string, string | number>,
  filter?: OtelAttributeFilter | undefined,
): Attributes {
  if (filter === undefined) return attributes;
  return Object.fromEntries(Object.entries(attributes).filter(([key, value]) => filter(key, value)));
}
