// The interceptor of servers.
import type { Interceptor } from "@connectrpc/connect";
import { markFactory, withPrepare } from "@connectum/hooks";
import {
  type Attributes,
  type Context,
  context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  type SpanOptions,
  type TextMapPropagator,
  trace,
} from "@opentelemetry/api";
import { reportFault } from "../faults/report-fault.ts";
import { CallFactsOf } from "./call-facts.ts";
import { checkServerOptions, type OtelInterceptorOptions } from "./call-options.ts";
import type { AnyRequest, AnyResponse, Next } from "./chain.ts";
import { record } from "./record.ts";
import { isRecording, RecordedCall } from "./recorded-call.ts";
import { extractContext } from "./remote-context.ts";
import { type Telemetry, TelemetrySource } from "./telemetry-source.ts";
import { isWanted } from "./wanted.ts";

const WHERE = "createOtelInterceptor";

/**
 * Records the calls of a server: a span and a point in each histogram of `rpc.server.*`, to the end of the last
 * message. The provider of the process is made when the server starts, or with the first call on servers that do not
 * prepare interceptors.
 *
 * @throws TypeError or RangeError for an invalid option
 */
export function createOtelInterceptor(options: OtelInterceptorOptions = {}): Interceptor {
  checkServerOptions(WHERE, options);
  const { withoutTracing = false, withoutMetrics = false, filter } = options;
  const { trustRemote = false, recordMessages = false, sizes = true } = options;
  if (withoutTracing && withoutMetrics) return (next) => next;
  const source = new TelemetrySource("server", options);
  const facts = new CallFactsOf("server", options);
  const interceptor: Interceptor = (next) => (request) => {
    // First, as without a provider there is no propagator, and the first call would lose its parent.
    const telemetry = source.current();
    if (telemetry === undefined) return next(request);
    try {
      if (!isWanted(filter, request)) return handOn(next, request, telemetry.propagator);
    } catch (error) {
      return Promise.reject(error);
    }
    let call: RecordedCall;
    try {
      const known = facts.of(request);
      const { instruments } = telemetry;
      const { span, context: inside } = begin(
        telemetry,
        known.spanName,
        facts.ofSpan(known, request),
        request,
        trustRemote,
      );
      if (isRecording(span)) describeConnection(span, facts, request);
      call = new RecordedCall({ facts: known, span, instruments, recordMessages, sizes }, inside);
    } catch (error) {
      // A sampler or a span processor that throws: the call runs without a span.
      reportFault(error);
      return handOn(next, request, telemetry.propagator);
    }
    return record(call, next, request);
  };
  return withPrepare(interceptor, () => source.prepare());
}

markFactory(createOtelInterceptor, `${WHERE}()`);

/** Runs a call that is not recorded, in the context of its caller. */
function handOn(next: Next, request: AnyRequest, own: TextMapPropagator | undefined): Promise<AnyResponse> {
  return context.with(extractContext(context.active(), request, own), next, undefined, request);
}

/** The span has begun: it must end, whatever this throws. */
function describeConnection(span: Span | undefined, facts: CallFactsOf, request: AnyRequest): void {
  try {
    span?.setAttributes(facts.ofConnection(request) ?? {});
  } catch (error) {
    reportFault(error);
  }
}

/** A span, and the context in which the call runs. Without a tracer that is the caller's, to be handed on. */
function begin(
  { tracer, propagator }: Telemetry,
  name: string,
  attributes: Attributes,
  request: AnyRequest,
  trustRemote: boolean,
): { span: Span | undefined; context: Context } {
  const active = context.active();
  if (tracer === undefined) return { span: undefined, context: extractContext(active, request, propagator) };
  const parent = trustRemote ? extractContext(active, request, propagator) : active;
  const span = tracer.startSpan(
    name,
    { kind: SpanKind.SERVER, attributes, ...placeOf(request, trustRemote, propagator) },
    parent,
  );
  return { span, context: trace.setSpan(parent, span) };
}

/** A caller that is not trusted is linked to, and not followed. */
function placeOf(
  request: AnyRequest,
  trustRemote: boolean,
  propagator: TextMapPropagator | undefined,
): Pick<SpanOptions, "root" | "links"> {
  if (trustRemote) return {};
  const remote = trace.getSpanContext(extractContext(ROOT_CONTEXT, request, propagator));
  return remote === undefined ? { root: true } : { root: true, links: [{ context: remote }] };
}
