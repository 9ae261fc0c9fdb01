// Requests as interceptors get them.
import type { DescMethod, DescMethodStreaming, DescMethodUnary } from "@bufbuild/protobuf";
import { type ContextValues, createContextValues, type StreamRequest, type UnaryRequest } from "@connectrpc/connect";
import { assertFullName, assertIdentifier } from "../descriptors/assert-name.ts";
import { createFakeService } from "../descriptors/fake-service.ts";
import { createMockDescMethod } from "../descriptors/mock-desc-method.ts";
import { knownOptions, type OptionNames } from "../options/known-options.ts";
import { defaultMessage } from "./default-message.ts";
import { createMockStream } from "./mock-stream.ts";

/** What is given is used itself, not as a copy. `undefined` and `null` are replaced by the default. */
export interface MockRequestOptions {
  /** The full name of the service. Default: `test.TestService`, or the service of a `method` that is a descriptor. */
  service?: string | undefined;
  /** The name of the method, or its descriptor. One without a service is copied into one. Default: `TestMethod`. */
  method?: string | DescMethod | undefined;
  /** The message, or a stream of messages. Default: an empty message of the method's input, or a stream of none. */
  message?: unknown;
  /** Default: false, or whether a `method` that is a descriptor has streams. */
  stream?: boolean | undefined;
  /** Default: `http://localhost/<service>/<method>`. */
  url?: string | undefined;
  /** Default: none. */
  headers?: Headers | undefined;
  /** Default: a signal that never aborts. */
  signal?: AbortSignal | undefined;
  /** Default: none. */
  contextValues?: ContextValues | undefined;
  /** The verb of HTTP. Default: `POST`. */
  requestMethod?: string | undefined;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** Tests replace parts of a request, and read messages whose type they know. */
type Loosely<Request extends UnaryRequest | StreamRequest> = Mutable<Omit<Request, "method" | "message">> & {
  method: Mutable<Request["method"]>;
  // biome-ignore lint/suspicious/noExplicitAny: of the type that the test has given
  message: any;
};

export type MockUnaryRequest = Loosely<UnaryRequest>;
export type MockStreamRequest = Loosely<StreamRequest>;
export type MockRequest = MockUnaryRequest | MockStreamRequest;

const names = {
  service: true,
  method: true,
  message: true,
  stream: true,
  url: true,
  headers: true,
  signal: true,
  contextValues: true,
  requestMethod: true,
} satisfies OptionNames<MockRequestOptions>;

/**
 * A request with everything that an interceptor may read: a plain object, whose parts can be replaced. The service and
 * the method that are given by name are objects of its own; the types of the method are then `test.<method>Request` and
 * `test.<method>Response`, which have no fields.
 *
 * @throws TypeError for an option that does not exist, for names and headers that are none, and for a `service` or a
 *   `stream` that contradicts the descriptor of the method
 */
export function createMockRequest(
  options: MockRequestOptions & ({ stream: true } | { method: DescMethodStreaming }),
): MockStreamRequest;
export function createMockRequest(
  options?: MockRequestOptions &
    ({ stream: false } | { stream?: undefined; method?: string | DescMethodUnary | undefined }),
): MockUnaryRequest;
export function createMockRequest(options?: MockRequestOptions): MockRequest;
export function createMockRequest(options?: MockRequestOptions): MockRequest {
  const given = knownOptions("createMockRequest", options, names);
  checkParts(given);
  const method = methodOf(given);
  const { parent: service, input } = method;
  const stream = method.methodKind !== "unary";
  const request = {
    service,
    method,
    requestMethod: given.requestMethod ?? "POST",
    url: given.url ?? `http://localhost/${service.typeName}/${method.name}`,
    signal: given.signal ?? new AbortController().signal,
    header: given.headers ?? new Headers(),
    contextValues: given.contextValues ?? createContextValues(),
    stream,
    message: given.message ?? (stream ? createMockStream([]) : defaultMessage(input)),
  };
  // `stream` and the kind of the method agree, which the compiler cannot see.
  return request as MockRequest;
}

function checkParts({ service, method, headers }: MockRequestOptions): void {
  // An empty name is one: it is not replaced by the default.
  if (service) assertFullName("createMockRequest", "service", "shop.v1.Catalog", service);
  if (method && typeof method !== "object") assertIdentifier("createMockRequest", "method", method);
  // Not `instanceof`: other libraries have a class of their own.
  if (headers === undefined || headers === null || typeof headers.get === "function") return;
  throw new TypeError("createMockRequest: headers must be a Headers, as in new Headers({ name: value })");
}

function methodOf({ service, method, stream }: MockRequestOptions): DescMethod {
  if (typeof method !== "object" || method === null) {
    const name = method ?? "TestMethod";
    return ofService(createMockDescMethod(name, { kind: stream ? "bidi_streaming" : "unary" }), service);
  }
  const isStream = method.methodKind !== "unary";
  if ((stream ?? isStream) !== isStream) {
    throw new TypeError(`createMockRequest: ${method.name} is ${method.methodKind}, so stream cannot be ${stream}`);
  }
  if (method.parent === undefined) return ofService(method, service);
  const { typeName } = method.parent;
  if ((service ?? typeName) !== typeName) {
    throw new TypeError(`createMockRequest: ${method.name} is a method of ${typeName}, not of ${service}`);
  }
  return method;
}

/** A copy of a method that has no service, in a service of its own. */
function ofService(method: DescMethod, typeName: string | undefined): DescMethod {
  const service = createFakeService({ typeName: typeName ?? "test.TestService" });
  const copy = { ...method, parent: service };
  service.methods.push(copy);
  service.method[copy.localName] = copy;
  Object.assign(service, { file: method.input.file });
  return copy;
}
