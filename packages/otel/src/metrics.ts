// The exports of `@connectum/otel/metrics`.
export {
  createRpcClientMetrics,
  createRpcServerMetrics,
  type RpcClientMetrics,
  type RpcServerMetrics,
} from "./calls/instruments.ts";
