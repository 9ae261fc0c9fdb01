// Trace context in the headers of requests.
import { headerOf } from "@connectum/hooks";
import { type Context, propagation, type TextMapGetter, type TextMapSetter } from "@opentelemetry/api";
import { reportFault } from "../faults/report-fault.ts";

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

/**
 * `into` with what the headers carry. The same context if they carry nothing, there is no propagator, or it throws,
 * which is reported.
 */
export function extractContext(into: Context, request: WithHeader): Context {
  try {
    return propagation.extract(into, request, getter);
  } catch (error) {
    reportFault(error);
    return into;
  }
}

/** Sets the headers of the propagator, in place. What it throws is reported. */
export function injectContext(context: Context, headers: Headers): void {
  try {
    propagation.inject(context, headers, setter);
  } catch (error) {
    reportFault(error);
  }
}
