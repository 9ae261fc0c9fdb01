// What telemetry of a call costs at least: the calls to the OpenTelemetry API that are needed for it, written by hand
// for the method that is measured, with attributes that are known beforehand.
import type { Interceptor } from "@connectrpc/connect";
import {
  type Context,
  context,
  type Meter,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  type TextMapGetter,
  type Tracer,
  trace,
} from "@opentelemetry/api";

const attributes = {
  "rpc.system": "grpc",
  "rpc.service": "connectum.bench.v1.BenchService",
  "rpc.method": "Unary",
  "server.address": "localhost",
  "network.protocol.name": "grpc",
  "network.transport": "tcp",
};
const ofSpans = { ...attributes, "connectum.transport": "http" };
const ofPoints = { ...attributes, transport: "http" };

const getter: TextMapGetter<Headers> = {
  get: (headers, key) => headers.get(key) ?? undefined,
  keys: (headers) => [...headers.keys()],
};

/** A span that is a root with a link to the caller, and which the handler runs in. */
export function spansByHand(tracer: Tracer): Interceptor {
  return (next) => (request) => {
    const remote = trace.getSpanContext(propagation.extract(ROOT_CONTEXT, request.header, getter));
    const links = remote === undefined ? [] : [{ context: remote }];
    const active: Context = context.active();
    const span = tracer.startSpan(
      "connectum.bench.v1.BenchService/Unary",
      { kind: SpanKind.SERVER, attributes: { ...ofSpans }, root: true, links },
      active,
    );
    if (span.isRecording()) {
      span.setAttributes({
        "network.peer.address": "127.0.0.1",
        "network.peer.port": 50_000,
        "network.protocol.version": "2",
      });
    }
    return context.with(trace.setSpan(active, span), next, undefined, request).then((response) => {
      span.end();
      return response;
    });
  };
}

/** A point in each of three histograms. */
export function metricsByHand(meter: Meter): Interceptor {
  const duration = meter.createHistogram("duration", { unit: "s" });
  const requestSize = meter.createHistogram("request", { unit: "By" });
  const responseSize = meter.createHistogram("response", { unit: "By" });
  return (next) => (request) => {
    const started = performance.now();
    return next(request).then((response) => {
      duration.record((performance.now() - started) / 1_000, ofPoints);
      requestSize.record(52, ofPoints);
      responseSize.record(52, ofPoints);
      return response;
    });
  };
}
