// The type of the factories of this package.
import type { Interceptor } from "@connectrpc/connect";

/** A function that creates an interceptor, without arguments or from its options. */
export type InterceptorFactory<TOptions = void> = TOptions extends void
  ? () => Interceptor
  : (options: TOptions) => Interceptor;
