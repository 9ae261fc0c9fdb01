// The protocol of a call, and its names in attributes.
import type { Semconv } from "../environment/semconv.ts";
import { RPC_SYSTEM_CONNECT_RPC } from "./names.ts";

export type RpcProtocol = "connect" | "grpc" | "grpc-web";

/** By the content type of the request; Connect if it has none, as GET requests have. */
export function protocolOf(contentType: string | null): RpcProtocol {
  if (contentType?.startsWith("application/grpc") !== true) return "connect";
  return contentType.startsWith("application/grpc-web") ? "grpc-web" : "grpc";
}

/** Of a call of our own server, which has read the content type. */
export function protocolNamed({ protocolName }: { readonly protocolName: string }): RpcProtocol {
  return protocolName === "grpc" || protocolName === "grpc-web" ? protocolName : "connect";
}

/** For `rpc.system`. */
export function systemOf(protocol: RpcProtocol): string {
  return protocol === "connect" ? RPC_SYSTEM_CONNECT_RPC : "grpc";
}

/** For `rpc.system.name`. */
export function stableSystemOf(protocol: RpcProtocol): string {
  return protocol === "connect" ? "connectrpc" : "grpc";
}

/** For `network.protocol.name`: the stable conventions mean the protocol below RPC. */
export function networkProtocolOf(protocol: RpcProtocol, semconv: Semconv): string {
  if (semconv !== "legacy") return "http";
  return protocol === "grpc-web" ? "grpc_web" : systemOf(protocol);
}
