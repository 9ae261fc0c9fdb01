// The tracer provider of our own, with what makes spans find their parents.
import { context, propagation, type TextMapPropagator, type TracerProvider, trace } from "@opentelemetry/api";
import type { Resource } from "@opentelemetry/resources";
import { forSdk, spanBatchOf } from "../environment/batch-options.ts";
import { type ExporterTerms, spanExporter } from "./exporters.ts";
import { load } from "./load.ts";
import { environmentPropagator } from "./propagator.ts";
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
  const propagator = environmentPropagator(terms.env);
  const { exporter, end, giveUp } = spanExporter(terms, batch.exportTimeoutMillis);
  const processor = new BatchSpanProcessor(exporter, forSdk(batch));
  const provider = new BasicTracerProvider({ resource, spanProcessors: [processor] });
  trace.setGlobalTracerProvider(provider);
  const removals = [installContextManager(), installPropagator(propagator)];
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

function installPropagator(propagator: TextMapPropagator | undefined): () => void {
  if (propagator === undefined || hasPropagator()) return () => {};
  propagation.setGlobalPropagator(propagator);
  return () => propagation.disable();
}
