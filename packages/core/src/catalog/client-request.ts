// The request that interceptors of a client see, whose signal is created on first use.
import { create, type DescMethod, type DescService, type Message, type MessageInitShape } from "@bufbuild/protobuf";
import { type ContextValues, createContextValues, type StreamRequest, type UnaryRequest } from "@connectrpc/connect";
import { type CallSignal, ON_ABORT } from "@connectum/hooks";
import type { CanceledBy } from "./abortable-unary.ts";

export type ClientRequest = UnaryRequest | StreamRequest;

/** A call as its client makes it. */
export interface ClientCall {
  readonly method: DescMethod;
  readonly url: string;
  readonly header: Headers;
  /** In milliseconds; undefined is no limit. */
  readonly timeoutMs: number | undefined;
  readonly canceledBy: CanceledBy;
  readonly values: ContextValues | undefined;
  /** A message, or several for a method that streams; each may be a plain object as `create()` takes it. */
  readonly input: unknown;
}

/** @throws whatever `create()` throws for the message */
export function createRequest(call: ClientCall, signal: CallSignal): ClientRequest {
  return new Request(call, signal) as unknown as ClientRequest;
}

/** The signal behind a request. A symbol, so that proxies of the request have it too. */
const SIGNAL = Symbol("signal");

/** Every property is its own and enumerable, so that spreading a request keeps all of them. */
class Request {
  declare readonly [SIGNAL]: CallSignal;
  readonly stream: boolean;
  readonly service: DescService;
  readonly method: DescMethod;
  readonly requestMethod = "POST";
  readonly url: string;
  readonly header: Headers;
  readonly contextValues: ContextValues;
  readonly message: Message | AsyncIterable<Message>;

  constructor({ method, url, header, values, input }: ClientCall, signal: CallSignal) {
    Object.defineProperty(this, SIGNAL, { value: signal });
    Object.defineProperty(this, "signal", lazySignal);
    this.stream = method.methodKind !== "unary";
    this.service = method.parent;
    this.method = method;
    this.url = url;
    this.header = header;
    this.contextValues = values ?? createContextValues();
    this.message = this.stream
      ? messagesOf(method, input as AsyncIterable<MessageInitShape<DescMethod["input"]>>)
      : create(method.input, input as MessageInitShape<DescMethod["input"]>);
  }

  /** Listens without an AbortSignal, unless somebody has set another one, or has one already. */
  get [ON_ABORT]() {
    const isLazy = Object.getOwnPropertyDescriptor(this, "signal")?.get === lazySignal.get;
    return isLazy ? (listener: (reason: unknown) => void) => this[SIGNAL].onAbort(listener) : undefined;
  }
}

/** Created on first use: a signal costs more than a small call. */
const lazySignal = {
  get(this: Request) {
    return this[SIGNAL].get();
  },
  set(this: object, value: unknown) {
    Object.defineProperty(this, "signal", { value, writable: true, enumerable: true, configurable: true });
  },
  enumerable: true,
  configurable: true,
};

async function* messagesOf(
  { input: type }: DescMethod,
  input: AsyncIterable<MessageInitShape<DescMethod["input"]>>,
): AsyncGenerator<Message> {
  for await (const message of input) yield create(type, message);
}
