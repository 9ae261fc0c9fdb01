// What interceptors call: functions in place of the handler, or of the network.
import { type Code, ConnectError, type StreamResponse, type UnaryResponse } from "@connectrpc/connect";
import { knownOptions, type OptionNames } from "../options/known-options.ts";
import { defaultMessage } from "./default-message.ts";
import { checkDelay, delay } from "./delay.ts";
import { createMockFn, type MockFn } from "./mock-fn.ts";
import { createMockRequest, type MockRequest } from "./mock-request.ts";
import { createMockStream } from "./mock-stream.ts";

/** What is given is used itself for every response, not as a copy. */
export interface MockNextOptions {
  /** The message, or a stream of messages. Default: `{ result: "success" }`, or a stream of that. */
  message?: unknown;
  /** Default: false. */
  stream?: boolean | undefined;
  /** Default: none. */
  header?: Headers | undefined;
  /** Default: none. */
  trailer?: Headers | undefined;
}

/** A response, whose message has the type that the test has given. */
// biome-ignore lint/suspicious/noExplicitAny: of the type that the test has given
export type MockResponse = (UnaryResponse | StreamResponse) & { readonly message: any };

/** A spy that interceptors take as their `next`. Requests are often made by hand, so any is accepted. */
// biome-ignore lint/suspicious/noExplicitAny: tests read what they have put into it
export type MockNext = MockFn<(request?: any) => Promise<MockResponse>>;

const names = { message: true, stream: true, header: true, trailer: true } satisfies OptionNames<MockNextOptions>;

/**
 * A `next` that responds to every request: with its service and its method, and with headers and trailers.
 *
 * @throws TypeError for an option that does not exist
 */
export function createMockNext(options?: MockNextOptions): MockNext {
  const given = knownOptions("createMockNext", options, names);
  return createMockFn(async (request) => responseTo(request, given));
}

/** A `next` that rejects every request, each time with a new error. */
export function createMockNextError(code: Code, message = "Mock error"): MockNext {
  return createMockFn(async () => {
    throw new ConnectError(message, code);
  });
}

/**
 * A `next` that responds after a while. It does not look at the request's signal.
 *
 * @param delayMs the wait before each response, in milliseconds
 * @throws RangeError for a delay that no timer can have
 * @throws TypeError for an option that does not exist
 */
export function createMockNextSlow(delayMs: number, options?: MockNextOptions): MockNext {
  const given = knownOptions("createMockNextSlow", options, names);
  checkDelay("createMockNextSlow: delay", delayMs);
  return createMockFn(async (request) => {
    await delay(delayMs);
    return responseTo(request, given);
  });
}

function responseTo(request: MockRequest | undefined, given: MockNextOptions): MockResponse {
  const { service, method } = request ?? createMockRequest();
  const stream = given.stream ?? false;
  const response = {
    service,
    method,
    stream,
    header: given.header ?? new Headers(),
    trailer: given.trailer ?? new Headers(),
    message: given.message ?? defaultAnswer(method, stream),
  };
  // A test may let a unary method answer with a stream, to see what an interceptor does then.
  return response as MockResponse;
}

/** A request that is made by hand may have no method, or one without types. */
function defaultAnswer(method: MockRequest["method"] | undefined, stream: boolean): unknown {
  const message = defaultMessage(method?.output, { result: "success" });
  return stream ? createMockStream([message]) : message;
}
