// How trace context travels in headers, by OTEL_PROPAGATORS.
import { EnvVarError } from "./env-var-error.ts";
import { type Environment, textOf } from "./variables.ts";

const PROPAGATORS = ["tracecontext", "baggage", "b3", "b3multi", "jaeger", "none"] as const;

export type PropagatorName = (typeof PROPAGATORS)[number];

const DEFAULT: readonly PropagatorName[] = ["tracecontext", "baggage"];

/**
 * A list with commas; unset or empty is W3C Trace Context and Baggage. `none` anywhere in it is no propagator.
 *
 * @throws EnvVarError for a name that does not exist
 */
export function propagatorsOf(env: Environment): readonly PropagatorName[] {
  const variable = "OTEL_PROPAGATORS";
  const value = textOf(env, variable);
  if (value === undefined) return DEFAULT;
  const names = value.split(",").map((part) => {
    const name = PROPAGATORS.find((one) => one === part.trim());
    if (name === undefined) throw new EnvVarError(variable, `a list of [${PROPAGATORS.join(", ")}]`, value);
    return name;
  });
  return names.includes("none") ? [] : [...new Set(names)];
}
