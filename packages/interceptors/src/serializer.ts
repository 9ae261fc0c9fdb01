// An interceptor without effect, kept for programs that name it.
import type { Interceptor } from "@connectrpc/connect";

/** Options without effect. */
export interface SerializerOptions {
  skipGrpcServices?: boolean;
  alwaysEmitImplicit?: boolean;
  ignoreUnknownFields?: boolean;
}

/**
 * Passes everything unchanged. The protocol decides which clients get JSON, the `jsonOptions` of servers and transports
 * how it is written.
 *
 * @deprecated Leave it out.
 */
export function createSerializerInterceptor(_options: SerializerOptions = {}): Interceptor {
  return (next) => next;
}
