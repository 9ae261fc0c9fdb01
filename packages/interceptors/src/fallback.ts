// A response of the application in place of a failure.
import { create, type DescMessage, isMessage, type Message, type MessageInitShape } from "@bufbuild/protobuf";
import type { Interceptor } from "@connectrpc/connect";
import { assertBoolean, assertFunction, assertKnownKeys, type Keys, markFactory } from "@connectum/hooks";
import type { AnyRequest, AnyResponse } from "./calls/chain.ts";
import { type FailurePredicate, failurePredicateOf } from "./options/failure-predicate.ts";

export interface FallbackOptions<T = unknown> {
  /**
   * Returns the response message: one of the method's output type, or a plain object of its fields. If it throws, that
   * is the call's error.
   */
  handler: (error: Error) => T | Promise<T>;
  /**
   * Whether streaming calls are exempt. If not, one that fails before its response starts gets a stream of one message.
   * Default true.
   */
  skipStreaming?: boolean | undefined;
  /** Which errors are replaced. Default: `defaultFailurePredicate`. If it throws, the error is replaced. */
  failurePredicate?: FailurePredicate | undefined;
}

const WHERE = "createFallbackInterceptor";

const KEYS = {
  handler: true,
  skipStreaming: true,
  failurePredicate: true,
} as const satisfies Keys<FallbackOptions>;

/**
 * Replaces a failure by what `handler` returns, in a response with empty headers and trailers. Errors that are not
 * failures of the service, such as `not_found`, pass.
 *
 * @throws Error unless the handler is a function; TypeError for an unknown option
 */
export function createFallbackInterceptor<T = unknown>(options: FallbackOptions<T>): Interceptor {
  assertKnownKeys(options, KEYS, { where: WHERE });
  const { handler, skipStreaming = true, failurePredicate } = options ?? {};
  if (typeof handler !== "function") throw new Error("handler must be a function", { cause: handler });
  assertBoolean(WHERE, "skipStreaming", skipStreaming);
  assertFunction(WHERE, "failurePredicate", failurePredicate);
  const isFailure = failurePredicateOf("fallback", failurePredicate);

  const replace = async (request: AnyRequest, error: unknown) => {
    if (!isFailure(error)) throw error;
    return responseTo(request, await handler(error as Error));
  };
  return (next) => (request) => {
    if (skipStreaming && request.stream) return next(request);
    try {
      return next(request).catch((error) => replace(request, error));
    } catch (error) {
      return replace(request, error);
    }
  };
}

markFactory(createFallbackInterceptor, `${WHERE}({ handler })`);

function responseTo(request: AnyRequest, value: unknown): AnyResponse {
  const { service, method } = request;
  const message = messageOf(method.output, value);
  const head = { service, header: new Headers(), trailer: new Headers() };
  return request.stream
    ? { ...head, method: request.method, stream: true, message: only(message) }
    : { ...head, method: request.method, stream: false, message };
}

/**
 * A type without fields has nothing to convert. Mock requests have such types, and their tests compare the value.
 *
 * @param desc undefined for methods that a test made by hand: the value is the message then
 * @throws TypeError unless the value is an object
 */
function messageOf(desc: DescMessage | undefined, value: unknown): Message {
  if (desc === undefined || desc.members.length === 0 || isMessage(value, desc)) return value as Message;
  if (typeof value === "object" && value !== null) return create(desc, value as MessageInitShape<DescMessage>);
  const given = value === undefined || value === null ? String(value) : `a ${typeof value}`;
  throw new TypeError(
    `the handler of a fallback returned ${given} instead of a ${desc.typeName} or an object of its fields`,
  );
}

async function* only(message: Message): AsyncGenerator<Message> {
  yield message;
}
