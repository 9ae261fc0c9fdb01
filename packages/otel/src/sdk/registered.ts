// What the application has registered with the API of OpenTelemetry, or somebody else in this process.
import * as api from "@opentelemetry/api";
import { logs } from "@opentelemetry/api-logs";

/** Whether there is a global tracer provider. */
export function hasTracerProvider(): boolean {
  return delegateOf(api.trace.getTracerProvider()) !== new api.ProxyTracerProvider().getDelegate();
}

/** The tracer provider behind the API's proxy. */
export function registeredTracerProvider(): api.TracerProvider {
  return delegateOf(api.trace.getTracerProvider());
}

function delegateOf(provider: api.TracerProvider): api.TracerProvider {
  return "getDelegate" in provider ? (provider as api.ProxyTracerProvider).getDelegate() : provider;
}

/** Whether there is a global meter provider. */
export function hasMeterProvider(): boolean {
  return api.metrics.getMeterProvider().getMeter("") !== api.createNoopMeter();
}

/** Whether a context that is made active is so: without a manager it is not. */
export function hasContextManager(): boolean {
  const key = api.createContextKey("probe");
  const probe = api.ROOT_CONTEXT.setValue(key, true);
  return api.context.with(probe, () => api.context.active().getValue(key) === true);
}

/** Whether there is a propagator that has any header. */
export function hasPropagator(): boolean {
  return api.propagation.fields().length > 0;
}

/** The part of `LogsAPI` that both packages have. */
export type LogsApi = Pick<typeof logs, "getLoggerProvider" | "disable"> & {
  setGlobalLoggerProvider(provider: unknown): unknown;
};

/** The API of logs: since version 1.10 the API of OpenTelemetry has it itself. Applications may use either. */
export function logsApis(): readonly LogsApi[] {
  const own: unknown = Reflect.get(api, "logs");
  return own === undefined ? [logs] : [own as LogsApi, logs];
}

/** The API of logs in which a provider is registered. */
export function logsApiInUse(): LogsApi | undefined {
  // Unless there is one, they return a proxy, whose class they do not export.
  return logsApis().find((one) => !("_getDelegate" in one.getLoggerProvider()));
}
