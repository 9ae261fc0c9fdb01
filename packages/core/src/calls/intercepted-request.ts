// The request that interceptors see, and pass on to the handler.
import type { DescMethod, DescService, Message } from "@bufbuild/protobuf";
import type { ContextValues, StreamRequest, UnaryRequest } from "@connectrpc/connect";
import { OBSERVABLE_CALL, ON_ABORT, RECEIVED_HEADER, REPORT } from "@connectum/hooks";
import type { Context } from "../catalog/call-types.ts";
import type { Call } from "./call.ts";
import { createContextWith } from "./context.ts";

export type InterceptedRequest = UnaryRequest | StreamRequest;

/** The request of a call: its message, or a stream of messages. */
export function createRequest(call: Call, message: Message | AsyncIterable<Message>, stream: boolean) {
  return new Request(call, message, stream) as unknown as InterceptedRequest;
}

/** The context of the handler: the call's, with the header, signal and values that the interceptors passed on. */
export function contextOf(call: Call, request: InterceptedRequest): Context {
  // Our own request is lazy, and so is one that still has the function of ON_ABORT: reading the properties now would
  // create them.
  if (Request.isOne(request) || Reflect.get(request, ON_ABORT) !== undefined) return createContextWith(call, request);
  // As they are now: what an interceptor does to the request later must not reach the handler.
  const { header, signal, contextValues, service } = request;
  return createContextWith(call, { header, signal, contextValues, service });
}

function isLazy(request: object, name: keyof typeof lazily): boolean {
  return Object.getOwnPropertyDescriptor(request, name)?.get === lazily[name].get;
}

/** Every property is its own and enumerable, so that spreading a request keeps all of them. */
class Request {
  readonly #isOne = true;
  /** A symbol and no private field, so that proxies, copies and derived objects keep it. */
  declare readonly [OBSERVABLE_CALL]: Call;
  declare readonly stream: boolean;
  declare readonly service: DescService;
  declare readonly method: DescMethod;
  declare readonly requestMethod: string;
  declare readonly contextValues: ContextValues;
  declare readonly message: Message | AsyncIterable<Message>;

  constructor(call: Call, message: Message | AsyncIterable<Message>, stream: boolean) {
    const { method } = call.route;
    this[OBSERVABLE_CALL] = call;
    this.stream = stream;
    this.service = method.parent;
    this.method = method;
    this.requestMethod = call.requestMethod;
    this.contextValues = call.values;
    this.message = message;
    // Not a proxy, which costs less to make but ten times as much to spread. `defineProperties` would take twice as
    // long.
    Object.defineProperty(this, "url", lazily.url);
    Object.defineProperty(this, "signal", lazily.signal);
    Object.defineProperty(this, "header", lazily.header);
  }

  get [REPORT]() {
    return (error: unknown, text?: string) => this[OBSERVABLE_CALL].report(error, text);
  }

  get [RECEIVED_HEADER]() {
    return receivedHeader;
  }

  get [ON_ABORT]() {
    return isLazy(this, "signal")
      ? (listener: (reason: unknown) => void) => this[OBSERVABLE_CALL].whenAborted(listener)
      : undefined;
  }

  /** Whether an object is such a request itself: not a copy, a proxy, or an object derived from one. */
  static isOne(request: object): request is Request {
    return #isOne in request;
  }
}

/** Of a request itself: a copy or a proxy may have another header. */
function receivedHeader(request: object, name: string): string | null | undefined {
  if (!Request.isOne(request) || !isLazy(request, "header")) return undefined;
  return request[OBSERVABLE_CALL].receivedHeader(name);
}

/**
 * Properties that are created on first use. All requests share the functions, as closures would cost more.
 */
const lazily = {
  url: accessor("url", (call) => call.url),
  signal: accessor("signal", (call) => call.signal),
  header: accessor("header", (call) => call.requestHeader),
};

/** A lazy property that can be set like that of a plain object. */
function accessor(name: string, of: (call: Call) => unknown) {
  return {
    get(this: { [OBSERVABLE_CALL]: Call }) {
      return of(this[OBSERVABLE_CALL]);
    },
    set(this: object, value: unknown) {
      Object.defineProperty(this, name, { value, writable: true, enumerable: true, configurable: true });
    },
    enumerable: true,
    configurable: true,
  };
}
