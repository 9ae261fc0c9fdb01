// Answers in place of a service that is in trouble.
import { create, type DescMessage, isMessage, type Message, type MessageInitShape } from "@bufbuild/protobuf";
import type { Interceptor } from "@connectrpc/connect";
import type { AnyRequest, AnyResponse } from "./chain.ts";
import { type FailurePredicate, failurePredicateOf } from "./failure-predicate.ts";

export interface FallbackOptions<T = unknown> {
  /**
   * Gives the message to answer with: one of the method's output type, or a plain object of its fields. What it throws is the
   * call's error.
   */
  handler: (error: Error) => T | Promise<T>;
  /** Whether calls with streams are let be. If not, one that fails at once is answered with one message. Default true. */
  skipStreaming?: boolean;
  /** Which errors it is for. Default: `defaultFailurePredicate`. One that throws takes the error for a failure. */
  failurePredicate?: FailurePredicate;
}

/**
 * Answers a failed call with what `handler` gives, in a response with headers and trailers of its own. Errors that are the
 * service's answer, `not_found` for one, pass.
 *
 * @throws Error for a handler that is no function
 */
export function createFallbackInterceptor<T = unknown>(options: FallbackOptions<T>): Interceptor {
  const { handler, skipStreaming = true, failurePredicate } = options;
  if (typeof handler !== "function") throw new Error("handler must be a function", { cause: handler });
  const isFailure = failurePredicateOf("fallback", failurePredicate);

  const answer = async (request: AnyRequest, error: unknown) => {
    if (!isFailure(error)) throw error;
    return responseTo(request, await handler(error as Error));
  };
  return (next) => (request) => {
    if (skipStreaming && request.stream) return next(request);
    try {
      return next(request).catch((error) => answer(request, error));
    } catch (error) {
      return answer(request, error);
    }
  };
}

function responseTo(request: AnyRequest, value: unknown): AnyResponse {
  const { service, method } = request;
  const message = messageOf(method.output, value);
  const head = { service, header: new Headers(), trailer: new Headers() };
  return request.stream
    ? { ...head, method: request.method, stream: true, message: only(message) }
    : { ...head, method: request.method, stream: false, message };
}

/**
 * @param desc undefined for methods of mock requests: the value is the message then
 * @throws TypeError unless the value is an object
 */
function messageOf(desc: DescMessage | undefined, value: unknown): Message {
  if (desc === undefined || isMessage(value, desc)) return value as Message;
  if (typeof value === "object" && value !== null) return create(desc, value as MessageInitShape<DescMessage>);
  const given = value === undefined || value === null ? String(value) : `a ${typeof value}`;
  throw new TypeError(
    `the handler of a fallback gave ${given} where a ${desc.typeName} or an object of its fields belongs`,
  );
}

async function* only(message: Message): AsyncGenerator<Message> {
  yield message;
}
