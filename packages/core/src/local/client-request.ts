// The request that interceptors of a client see in process.
import { create, type DescMethod, type DescService, type Message, type MessageInitShape } from "@bufbuild/protobuf";
import { type ContextValues, createContextValues, type StreamRequest, type UnaryRequest } from "@connectrpc/connect";
import { type CallSignal, ON_ABORT } from "@connectum/hooks";
import type { CanceledBy } from "../catalog/abortable-transport.ts";
import { type HeaderTerms, localUrl, requestHeaders } from "./local-call-head.ts";

/** What a client says of its call. */
export interface Terms extends HeaderTerms {
  readonly canceledBy: CanceledBy;
  readonly values: ContextValues | undefined;
}

/**
 * @param signal aborts when the call is over, or its client cancels it
 * @param input a message, or several for a method that streams; each may be a plain object as `create()` takes it
 */
export function clientRequest(method: DescMethod, terms: Terms, signal: CallSignal, input: unknown) {
  return new ClientRequest(method, terms, signal, input) as unknown as UnaryRequest | StreamRequest;
}

/** The signal behind a request. A symbol, so that proxies of the request have it too. */
const SIGNAL = Symbol("signal");

/** Every property is its own and enumerable, so that spreading a request keeps all of them. */
class ClientRequest {
  declare readonly [SIGNAL]: CallSignal;
  readonly stream: boolean;
  readonly service: DescService;
  readonly method: DescMethod;
  readonly requestMethod = "POST";
  readonly url: string;
  readonly header: Headers;
  readonly contextValues: ContextValues;
  readonly message: Message | AsyncIterable<Message>;

  constructor(method: DescMethod, { timeoutMs, given, values }: Terms, signal: CallSignal, input: unknown) {
    const isStream = method.methodKind !== "unary";
    Object.defineProperty(this, SIGNAL, { value: signal });
    Object.defineProperty(this, "signal", lazySignal);
    this.stream = isStream;
    this.service = method.parent;
    this.method = method;
    this.url = localUrl(`/${method.parent.typeName}/${method.name}`);
    this.header = requestHeaders({ given, timeoutMs }, isStream);
    this.contextValues = values ?? createContextValues();
    this.message = isStream
      ? messagesOf(method, input as AsyncIterable<MessageInitShape<typeof method.input>>)
      : create(method.input, input as MessageInitShape<typeof method.input>);
  }

  /** Listens without an AbortSignal, unless somebody has set another one, or has one already. */
  get [ON_ABORT]() {
    const isLazy = Object.getOwnPropertyDescriptor(this, "signal")?.get === lazySignal.get;
    return isLazy ? (listener: (reason: unknown) => void) => this[SIGNAL].onAbort(listener) : undefined;
  }
}

/** Created on first use: a signal costs more than a small call. */
const lazySignal = {
  get(this: ClientRequest) {
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
