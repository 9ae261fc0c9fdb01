// Trace context in the headers of requests.
import { type Context, propagation, type TextMapGetter, type TextMapSetter } from "@opentelemetry/api";

const getter: TextMapGetter<Headers> = {
  get: (headers, key) => headers.get(key) ?? undefined,
  keys: (headers) => [...headers.keys()],
};

const setter: TextMapSetter<Headers> = {
  set: (headers, key, value) => headers.set(key, value),
};

/** `into` with what the headers carry. The same context if they carry nothing, or there is no propagator. */
export function extractContext(into: Context, headers: Headers): Context {
  return propagation.extract(into, headers, getter);
}

/** Sets the headers of the propagator, in place. */
export function injectContext(context: Context, headers: Headers): void {
  propagation.inject(context, headers, setter);
}
