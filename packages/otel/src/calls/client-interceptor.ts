// The interceptor of clients.
import type { Interceptor } from "@connectrpc/connect";
import { markFactory, withPrepare } from "@connectum/hooks";
import { context, SpanKind, trace } from "@opentelemetry/api";
import { reportFault } from "../faults/report-fault.ts";
import { CallFactsOf } from "./call-facts.ts";
import { checkClientOptions, type OtelClientInterceptorOptions } from "./call-options.ts";
import { record } from "./record.ts";
import { RecordedCall } from "./recorded-call.ts";
import { injectContext } from "./remote-context.ts";
import { TelemetrySource } from "./telemetry-source.ts";
import { isWanted } from "./wanted.ts";

const WHERE = "createOtelClientInterceptor";

/**
 * Records the calls of a client: a span whose parent is the active one, and a point in each histogram of
 * `rpc.client.*`. The headers of the propagator are set on the request, also of calls that are not recorded.
 *
 * @throws TypeError or RangeError for an invalid option
 */
export function createOtelClientInterceptor(options: OtelClientInterceptorOptions = {}): Interceptor {
  checkClientOptions(WHERE, options);
  const { withoutTracing = false, withoutMetrics = false, filter, recordMessages = false, sizes = true } = options;
  if (withoutTracing && withoutMetrics) return (next) => next;
  const source = new TelemetrySource("client", options);
  const facts = new CallFactsOf("client", options);
  const interceptor: Interceptor = (next) => (request) => {
    const telemetry = source.current();
    if (telemetry === undefined) return next(request);
    const active = context.active();
    try {
      if (!isWanted(filter, request)) {
        injectContext(active, request.header, telemetry.propagator);
        return next(request);
      }
    } catch (error) {
      return Promise.reject(error);
    }
    let call: RecordedCall;
    try {
      const known = facts.of(request);
      const { spanName, spanAttributes: attributes } = known;
      const span = telemetry.tracer?.startSpan(spanName, { kind: SpanKind.CLIENT, attributes }, active);
      const inside = span === undefined ? active : trace.setSpan(active, span);
      const terms = { facts: known, span, instruments: telemetry.instruments, recordMessages, sizes };
      call = new RecordedCall(terms, inside);
    } catch (error) {
      // A sampler or a span processor that throws: the call runs without a span.
      reportFault(error);
      injectContext(active, request.header, telemetry.propagator);
      return next(request);
    }
    injectContext(call.context, request.header, telemetry.propagator);
    return record(call, next, request);
  };
  return withPrepare(interceptor, () => source.prepare());
}

markFactory(createOtelClientInterceptor, `${WHERE}()`);
