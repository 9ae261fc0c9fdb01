// The provider of this process: at most one, made when it is first asked for.
import process from "node:process";
import type { Meter, Tracer } from "@opentelemetry/api";
import { OtelProvider } from "./otel-provider.ts";
import { checkProviderOptions, type ProviderOptions } from "./provider-options.ts";

let current: OtelProvider | undefined;
/** The end of the previous one. */
let ending: Promise<void> | undefined;

/**
 * Makes the provider of this process. If there is one already nothing happens, whatever the options.
 *
 * @throws EnvVarError for a wrong variable; TypeError or RangeError for an invalid option. Then there is no provider
 */
export function initProvider(options: ProviderOptions = {}): void {
  checkProviderOptions(options);
  current ??= new OtelProvider(options, process.env);
}

/**
 * The provider of this process, made from the environment if there is none.
 *
 * @throws EnvVarError for a wrong variable
 */
export function getProvider(): OtelProvider {
  current ??= new OtelProvider({}, process.env);
  return current;
}

/** The provider if there is one. Makes none. */
export function existingProvider(): OtelProvider | undefined {
  return current;
}

/** The tracer of the provider: the same until the provider is replaced. */
export function getTracer(): Tracer {
  return getProvider().tracer;
}

/** The meter of the provider: the same until the provider is replaced. */
export function getMeter(): Meter {
  return getProvider().meter;
}

/**
 * Exports what is left, and forgets the provider at once: whoever asks next gets a new one. Without a provider it waits
 * for an end that is under way.
 *
 * @throws the failure of a signal, AggregateError if several fail; the others have been exported all the same
 */
export function shutdownProvider(): Promise<void> {
  if (current === undefined) return ending ?? Promise.resolve();
  const ended = current.shutdown().finally(() => {
    if (ending === ended) ending = undefined;
  });
  ending = ended;
  current = undefined;
  return ended;
}
