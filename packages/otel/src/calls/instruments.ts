// The histograms of calls.
import type { Histogram, Meter } from "@opentelemetry/api";
import { DURATION_BOUNDARIES } from "../conventions/stable-names.ts";
import type { Side } from "./chain.ts";

/** `rpc.server.*`: a point for each call. */
export interface RpcServerMetrics {
  /** `rpc.server.call.duration`, in seconds, to the end of the last message. */
  callDuration: Histogram;
  /** `rpc.server.request.size`, in bytes, of all messages of a call together. */
  requestSize: Histogram;
  /** `rpc.server.response.size`, in bytes, of all messages of a call together. */
  responseSize: Histogram;
}

/** `rpc.client.*`: the same for calls of clients. */
export interface RpcClientMetrics extends RpcServerMetrics {}

/** Creates the histograms of a server. */
export function createRpcServerMetrics(meter: Meter): RpcServerMetrics {
  return createInstruments(meter, "server");
}

/** Creates the histograms of a client. */
export function createRpcClientMetrics(meter: Meter): RpcClientMetrics {
  return createInstruments(meter, "client");
}

export function createInstruments(meter: Meter, side: Side): RpcServerMetrics {
  const sizeOf = (what: string) =>
    meter.createHistogram(`rpc.${side}.${what}.size`, {
      unit: "By",
      description: `Size of RPC ${side} ${what} messages`,
    });
  return {
    callDuration: meter.createHistogram(`rpc.${side}.call.duration`, {
      unit: "s",
      description: `Duration of RPC ${side} calls`,
      advice: { explicitBucketBoundaries: DURATION_BOUNDARIES },
    }),
    requestSize: sizeOf("request"),
    responseSize: sizeOf("response"),
  };
}
