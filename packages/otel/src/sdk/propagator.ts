// The propagator of OTEL_PROPAGATORS.
import type { TextMapPropagator } from "@opentelemetry/api";
import { type PropagatorName, propagatorsOf } from "../environment/propagators.ts";
import type { Environment } from "../environment/variables.ts";
import { load } from "./load.ts";

/**
 * All that the variable names together; undefined for `none`.
 *
 * @throws EnvVarError for a wrong variable
 */
export function environmentPropagator(env: Environment): TextMapPropagator | undefined {
  const names = propagatorsOf(env);
  if (names.length === 0) return undefined;
  const { CompositePropagator } = load("@opentelemetry/core") as typeof import("@opentelemetry/core");
  return new CompositePropagator({ propagators: names.map(propagatorOf) });
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
