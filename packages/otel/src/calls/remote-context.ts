// Trace context in the headers of requests.
import { headerOf } from "@connectum/hooks";
import { type Context, propagation, type TextMapGetter, type TextMapSetter } from "@opentelemetry/api";

/** A request, whose headers may be made when they are looked at. */
interface WithHeader {
  readonly header: Headers;
}

const getter: TextMapGetter<WithHeader> = {
  get: (request, key) => headerOf(request, key) ?? undefined,
  keys: ({ header }) => [...header.keys()],
};

const setter: TextMapSetter<Headers> = {
  set: (headers, key, value) => headers.set(key, value),
};

/** `into` with what the headers carry. The same context if they carry nothing, or there is no propagator. */
export function extractContext(into: Context, request: WithHeader): Context {
  return propagation.extract(into, request, getter);
}

/** Sets the headers of the propagator, in place. */
export function injectContext(context: Context, headers: Headers): void {
  propagation.inject(context, headers, setter);
}
