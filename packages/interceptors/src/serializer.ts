// An interceptor without effect, kept for programs that name it.
import type { Interceptor } from "@connectrpc/connect";
import { assertBoolean, assertKnownKeys, type Keys, markFactory } from "@connectum/hooks";

/** Options without effect. */
export interface SerializerOptions {
  skipGrpcServices?: boolean | undefined;
  alwaysEmitImplicit?: boolean | undefined;
  ignoreUnknownFields?: boolean | undefined;
}

const WHERE = "createSerializerInterceptor";

const KEYS = {
  skipGrpcServices: true,
  alwaysEmitImplicit: true,
  ignoreUnknownFields: true,
} as const satisfies Keys<SerializerOptions>;

/**
 * Passes everything unchanged. The protocol decides which clients get JSON, the `jsonOptions` of servers and transports
 * how it is written.
 *
 * @throws TypeError for an unknown option
 * @deprecated Leave it out.
 */
export function createSerializerInterceptor(options: SerializerOptions = {}): Interceptor {
  assertKnownKeys(options, KEYS, { where: WHERE });
  for (const option of ["skipGrpcServices", "alwaysEmitImplicit", "ignoreUnknownFields"] as const) {
    assertBoolean(WHERE, option, options[option]);
  }
  return (next) => next;
}

markFactory(createSerializerInterceptor, `${WHERE}()`);
