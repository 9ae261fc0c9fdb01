// The request that interceptors pass on to a handler.
import type { DescMethod, DescService, Message } from "@bufbuild/protobuf";
import type { ContextValues, HandlerContext, StreamRequest, UnaryRequest } from "@connectrpc/connect";
import type { Call } from "./call.ts";
import { createContextWith } from "./context.ts";

export type InterceptedRequest = UnaryRequest | StreamRequest;

/**
 * Under this key a request has a function that tells a listener when its signal aborts, and gives what stops that. An AbortSignal
 * costs more than a small call, and interceptors that only want to be told need none. A copy does not have it.
 */
const ON_ABORT = Symbol.for("connectum.onAbort");

/** Under this key it has a function that writes an error into the server's log: for those that keep it from the client. */
const REPORT = Symbol.for("connectum.report");

/** The request of a call as interceptors see it: an unary message, or a stream of them. */
export function createRequest(call: Call, message: Message | AsyncIterable<Message>, stream: boolean) {
  return new Request(call, message, stream) as unknown as InterceptedRequest;
}

/** What the handler is given: the call's context, with what the interceptors made of header, signal and values. */
export function contextOf(call: Call, request: InterceptedRequest): HandlerContext {
  // Ours makes its properties when they are looked at, and so does what passes on that it tells of aborts.
  if (Request.isOne(request) || Reflect.get(request, ON_ABORT) !== undefined) return createContextWith(call, request);
  // As they are now: what becomes of the request later is no matter of the handler's.
  const { header, signal, contextValues, service } = request;
  return createContextWith(call, { header, signal, contextValues, service });
}

function isLazy(request: object, name: keyof typeof lazily): boolean {
  return Object.getOwnPropertyDescriptor(request, name)?.get === lazily[name].get;
}

/** Where a request has its call: also one that is the prototype of another, one behind a proxy, and a copy. */
const CALL = Symbol("call");

/** Every property is its own and enumerable, so that spreading a request keeps all of them. */
class Request {
  readonly #isOne = true;
  declare readonly [CALL]: Call;
  declare readonly stream: boolean;
  declare readonly service: DescService;
  declare readonly method: DescMethod;
  declare readonly requestMethod: string;
  declare readonly contextValues: ContextValues;
  declare readonly message: Message | AsyncIterable<Message>;

  constructor(call: Call, message: Message | AsyncIterable<Message>, stream: boolean) {
    const { method } = call.route;
    this[CALL] = call;
    this.stream = stream;
    this.service = method.parent;
    this.method = method;
    this.requestMethod = call.requestMethod;
    this.contextValues = call.values;
    this.message = message;
    // Not a proxy: that costs less to make, but ten times as much to spread. Each for itself: `defineProperties` takes twice as long.
    Object.defineProperty(this, "url", lazily.url);
    Object.defineProperty(this, "signal", lazily.signal);
    Object.defineProperty(this, "header", lazily.header);
  }

  get [REPORT]() {
    return (error: unknown) => this[CALL].report(error);
  }

  get [ON_ABORT]() {
    return isLazy(this, "signal")
      ? (listener: (reason: unknown) => void) => this[CALL].whenAborted(listener)
      : undefined;
  }

  /** Not so a copy, one that has a request as its prototype, or a proxy of one. */
  static isOne(request: object): boolean {
    return #isOne in request;
  }
}

/** What is made when somebody looks at it. The functions are those of all requests: making some for each would cost more. */
const lazily = {
  url: accessor("url", (call) => call.url),
  signal: accessor("signal", (call) => call.signal),
  header: accessor("header", (call) => call.requestHeader),
};

/** A property that can be set as that of a plain object. */
function accessor(name: string, of: (call: Call) => unknown) {
  return {
    get(this: { [CALL]: Call }) {
      return of(this[CALL]);
    },
    set(this: object, value: unknown) {
      Object.defineProperty(this, name, { value, writable: true, enumerable: true, configurable: true });
    },
    enumerable: true,
    configurable: true,
  };
}
