// The error for an environment variable with a wrong value.
import { shown } from "@connectum/hooks";

/** An environment variable has a value that it cannot have. The text says what it may be, and what it is. */
export class EnvVarError extends Error {
  override readonly name = "EnvVarError";

  /**
   * @param variable `OTEL_TRACES_EXPORTER`
   * @param should what it may be: `one of [console, none]`
   */
  constructor(variable: string, should: string, value: string) {
    super(`env-var: "${variable}" should be ${should}, but was ${shown(value)}`);
  }
}
