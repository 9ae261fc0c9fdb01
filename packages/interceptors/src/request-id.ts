// An identifier for each call, by which the logs of several services are put together.
import { ConnectError, type Interceptor } from "@connectrpc/connect";
import { assertKnownKeys, markFactory } from "@connectum/hooks";
import { v4 as newId } from "uuid";
import type { AnyRequest, AnyResponse } from "./calls/chain.ts";
import { requestIdKey } from "./calls/request-id-key.ts";

export { requestIdKey } from "./calls/request-id-key.ts";

/** The header that carries it, in requests and in responses. */
const HEADER = "x-request-id";

/**
 * Gives each call an identifier: that of the header `x-request-id`, if it is 1 to 128 visible ASCII characters, else a
 * new UUID. It is the context value {@link requestIdKey}, a header of the response, and the log interceptor and the
 * error handler write it. Of a call that fails, the error has it in its metadata: put this interceptor outside of the
 * error handler, as errors that are no `ConnectError` have no metadata.
 *
 * @throws TypeError for any option
 */
export function createRequestIdInterceptor(options: Readonly<Record<string, never>> = {}): Interceptor {
  assertKnownKeys(options, {}, { where: "createRequestIdInterceptor" });
  return (next) => (request) => {
    const id = requestIdOf(request);
    const rethrow = (error: unknown): never => {
      throw withId(error, id);
    };
    try {
      return next(request).then((response) => respond(response, id), rethrow);
    } catch (error) {
      return Promise.reject(withId(error, id));
    }
  };
}

markFactory(createRequestIdInterceptor, "createRequestIdInterceptor()");

function requestIdOf({ header, contextValues }: AnyRequest): string {
  const given = header.get(HEADER);
  const id = given !== null && /^[\x21-\x7e]{1,128}$/.test(given) ? given : newId();
  contextValues.set(requestIdKey, id);
  return id;
}

function respond(response: AnyResponse, id: string): AnyResponse {
  response.header.set(HEADER, id);
  return response;
}

/** A copy of a `ConnectError`, as the same error may be thrown by other calls; any other error itself. */
function withId(error: unknown, id: string): unknown {
  if (!(error instanceof ConnectError)) return error;
  const copy: ConnectError = Object.create(Object.getPrototypeOf(error), Object.getOwnPropertyDescriptors(error));
  const metadata = new Headers(error.metadata);
  metadata.set(HEADER, id);
  Object.defineProperty(copy, "metadata", { value: metadata, writable: true, enumerable: true, configurable: true });
  return copy;
}
