// Which names attributes have, by OTEL_SEMCONV_STABILITY_OPT_IN.
import { type Environment, textOf } from "./variables.ts";

/** `legacy`: the names of version 1.2. `stable`: those of the semantic conventions 1.45. */
export type Semconv = "legacy" | "stable" | "both";

export const SEMCONVS: readonly Semconv[] = ["legacy", "stable", "both"];

/** A list with commas: `rpc/dup` in it is both, `rpc` the stable names. Its other items are for other packages. */
export function semconvOf(env: Environment): Semconv {
  const items = textOf(env, "OTEL_SEMCONV_STABILITY_OPT_IN")?.split(",") ?? [];
  const has = (name: string) => items.some((item) => item.trim() === name);
  if (has("rpc/dup")) return "both";
  return has("rpc") ? "stable" : "legacy";
}
