// The tracer provider of our own, with what makes spans find their parents.
import { context, propagation, type TextMapPropagator, type TracerProvider, trace } from "@opentelemetry/api";
import type { Resource } from "@opentelemetry/resources";
import { forSdk, spanBatchOf } from "../environment/batch-options.ts";
import { type PropagatorName, propagatorsOf } from "../environment/propagators.ts";
import { type ExporterTerms, spanExporter } from "./exporters.ts";
import { load } from "./load.ts";
import { hasContextManager, hasPropagator, registeredTracerProvider } from "./registered.ts";
import type { StartedSignal } from "./started-signal.ts";

/**
 * Registers a tracer provider, and a context manager and a propagator unless there are any.
 *
 * @throws EnvVarError for a wrong variable
 */
export function startTraces(resource: Resource, terms: ExporterTerms): StartedSignal<TracerProvider> {
  const { BasicTracerProvider, BatchSpanProcessor } = load(
    "@opentelemetry/sdk-trace-base",
  ) as typeof import("@opentelemetry/sdk-trace-base");
  const batch = spanBatchOf(terms.env);
  const propagators = propagatorsOf(terms.env);
  const { exporter, end, giveUp } = spanExporter(terms, batch.exportTimeoutMillis);
  const processor = new BatchSpanProcessor(exporter, forSdk(batch));
  const provider = new BasicTracerProvider({ resource, spanProcessors: [processor] });
  trace.setGlobalTracerProvider(provider);
  const removals = [installContextManager(), installPropagator(propagators)];
  return {
    provider,
    unregister() {
      if (registeredTracerProvider() === provider) trace.disable();
      for (const remove of removals) remove();
    },
    shutdown: () => end(() => provider.shutdown()),
    giveUp,
  };
}

function installContextManager(): () => void {
  if (hasContextManager()) return () => {};
  const { AsyncLocalStorageContextManager } = load(
    "@opentelemetry/context-async-hooks",
  ) as typeof import("@opentelemetry/context-async-hooks");
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  return () => context.disable();
}

function installPropagator(names: readonly PropagatorName[]): () => void {
  if (names.length === 0 || hasPropagator()) return () => {};
  const { CompositePropagator } = load("@opentelemetry/core") as typeof import("@opentelemetry/core");
  propagation.setGlobalPropagator(new CompositePropagator({ propagators: names.map(propagatorOf) }));
  return () => propagation.disable();
}

function propagatorOf(name: PropagatorName): TextMapPropagator {
  if (name === "b3" || name === "b3multi") {
    const { B3Propagator, B3InjectEncoding } = load(
      "@opentelemetry/propagator-b3",
    ) as typeof import("@opentelemetry/propagator-b3");
    const { MULTI_HEADER, SINGLE_HEADER } = B3InjectEncoding;
    return new B3Propagator({ injectEncoding: name === "b3" ? SINGLE_HEADER : MULTI_HEADER });
  }
  if (name === "jaeger") {
    const { JaegerPropagator } = load(
      "@opentelemetry/propagator-jaeger",
    ) as typeof import("@opentelemetry/propagator-jaeger");
    return new JaegerPropagator();
  }
  const core = load("@opentelemetry/core") as typeof import("@opentelemetry/core");
  return name === "baggage" ? new core.W3CBaggagePropagator() : new core.W3CTraceContextPropagator();
}
