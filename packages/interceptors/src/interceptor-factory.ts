// What every factory of this package looks like.
import type { Interceptor } from "@connectrpc/connect";

/** A function that makes an interceptor: without arguments, or of its options. */
export type InterceptorFactory<TOptions = void> = TOptions extends void
  ? () => Interceptor
  : (options: TOptions) => Interceptor;
