// Trace context in the headers of requests.
import { headerOf } from "@connectum/hooks";
import {
  type Context,
  propagation,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
} from "@opentelemetry/api";
import { reportFault } from "../faults/report-fault.ts";
import { hasPropagator } from "../sdk/registered.ts";

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
 *
 * @param own what reads them while no propagator is registered
 */
export function extractContext(into: Context, request: WithHeader, own: TextMapPropagator | undefined): Context {
  try {
    if (own !== undefined && !hasPropagator()) return own.extract(into, request, getter);
    return propagation.extract(into, request, getter);
  } catch (error) {
    reportFault(error);
    return into;
  }
}

/**
 * Sets the headers of the propagator, in place. What it throws is reported.
 *
 * @param own what sets them while no propagator is registered
 */
export function injectContext(context: Context, headers: Headers, own: TextMapPropagator | undefined): void {
  try {
    if (own !== undefined && !hasPropagator()) own.inject(context, headers, setter);
    else propagation.inject(context, headers, setter);
  } catch (error) {
    reportFault(error);
  }
}
