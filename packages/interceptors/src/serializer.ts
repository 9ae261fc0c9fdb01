// What is left of an interceptor that turned messages into JSON.
import type { Interceptor } from "@connectrpc/connect";

/** None of them has an effect. */
export interface SerializerOptions {
  skipGrpcServices?: boolean;
  alwaysEmitImplicit?: boolean;
  ignoreUnknownFields?: boolean;
}

/**
 * Passes everything on as it is. Which clients get JSON is settled by the protocol, and how it is written by the `jsonOptions` of
 * servers and transports.
 *
 * @deprecated leave it out
 */
export function createSerializerInterceptor(_options: SerializerOptions = {}): Interceptor {
  return (next) => next;
}
