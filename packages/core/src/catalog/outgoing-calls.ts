// Calls to services by name: what `ctx.call`, `ctx.stream` and the client of a catalog have in common.
import type { DescMethod, Message } from "@bufbuild/protobuf";
import { Code, ConnectError, type HandlerContext, type Transport } from "@connectrpc/connect";
import { assertKnownKeys, assertString, type Keys, shown } from "@connectum/hooks";
import { callUnary } from "./abortable-transport.ts";
import type { CallOptions, CatalogCall, CatalogClient, CatalogStream } from "./call-types.ts";
import type { ServiceCatalog } from "./catalog.ts";
import { ClientOnlyValues } from "./client-only-values.ts";
import { methodOf } from "./method-name.ts";
import { outgoingError } from "./outgoing-error.ts";
import { OutgoingMessages } from "./outgoing-messages.ts";
import { copyOf, type Sent } from "./send-queue.ts";
import { bidiStream, clientStream } from "./stream-handles.ts";

/** The words of the errors. */
export interface CallTexts {
  /** Begins errors about the name of a method, of `call` and of `stream`. */
  readonly key: readonly [call: string, stream: string];
  /** Begins errors about the route to a service. */
  readonly route: readonly [call: string, stream: string];
  /** Begins errors about the wrong kind of method. */
  readonly kind: readonly [call: string, stream: string];
  /** What to use instead. */
  readonly instead: readonly [call: string, stream: string];
  /** What the resolver is called. */
  readonly resolver: string;
}

/** The parts of the context that calls inherit. */
export type Inherited = Pick<HandlerContext, "signal" | "timeoutMs" | "requestHeader" | "values">;

export interface OutgoingOptions {
  readonly catalog: ServiceCatalog | undefined;
  readonly texts: CallTexts;
  /** The transport to a service; null without one. @throws whatever a resolver throws */
  readonly find: (typeName: string, endpoint: string | undefined) => Transport | null;
  /** Names of headers that calls inherit. */
  readonly propagateHeaders: readonly string[];
}

/** The words of `ctx.call` and `ctx.stream`. */
export const CONTEXT_TEXTS: CallTexts = {
  key: ["ctx", "ctx"],
  route: ["ctx.call", "ctx.call"],
  kind: ["ctx.call", "ctx.stream"],
  instead: ["ctx.call", "ctx.stream"],
  resolver: "remoteResolver",
};

export class OutgoingCalls {
  readonly #options: OutgoingOptions;

  constructor(options: OutgoingOptions) {
    this.#options = options;
  }

  /** @param inherited the context that the calls are made in; undefined if there is none */
  client(inherited: Inherited | undefined): CatalogClient {
    return {
      // The types are those that the application has augmented.
      call: ((key: string, request: Sent, options?: CallOptions) =>
        this.#call(key, request, options ?? {}, inherited)) as unknown as CatalogCall,
      stream: ((key: string) => this.#stream(key, inherited)) as unknown as CatalogStream,
    };
  }

  async #call(key: string, request: Sent, options: CallOptions, inherited: Inherited | undefined): Promise<Message> {
    const { catalog, texts } = this.#options;
    const method = methodOf(catalog, key, texts.key[0]);
    if (method.methodKind !== "unary") {
      const instead = `is a streaming method — use ${texts.instead[1]} instead.`;
      throw new ConnectError(`${texts.kind[0]}: "${key}" ${instead}`, Code.Unimplemented);
    }
    const { endpoint, timeoutMs, header } = this.#termsOf(options, inherited, texts.kind[0]);
    const transport = this.#transportTo(method, endpoint, texts.route[0]);
    const canceledBy = options.signal ?? inherited;
    const values = inherited && new ClientOnlyValues(inherited);
    try {
      const response = await callUnary(
        transport,
        method as never,
        canceledBy,
        timeoutMs,
        header,
        request as never,
        values,
      );
      return response.message;
    } catch (error) {
      throw outgoingError(error);
    }
  }

  #stream(key: string, inherited: Inherited | undefined) {
    const { catalog, texts } = this.#options;
    const method = methodOf(catalog, key, texts.key[1]);
    const open = (requests: AsyncIterable<Sent>, signal: AbortSignal, options: CallOptions) =>
      this.#open(method, requests, options, inherited, signal);
    const canceledBy = (options: CallOptions) => options.signal ?? inherited?.signal;
    switch (method.methodKind) {
      case "unary": {
        const instead = `is a unary method — use ${texts.instead[0]} instead.`;
        throw new ConnectError(`${texts.kind[1]}: "${key}" ${instead}`, Code.Unimplemented);
      }
      case "server_streaming":
        return (request: Sent, options: CallOptions = {}): AsyncIterable<Message> => {
          const message = copyOf(method.input, request);
          // Each loop is a call of its own.
          const messages = () =>
            new OutgoingMessages((signal) => open(once(message), signal, options), canceledBy(options));
          return { [Symbol.asyncIterator]: messages };
        };
      case "client_streaming":
        return (options: CallOptions = {}) =>
          clientStream((requests, signal) => open(requests, signal, options), canceledBy(options), method);
      default:
        return (options: CallOptions = {}) =>
          bidiStream((requests, signal) => open(requests, signal, options), canceledBy(options), method);
    }
  }

  async #open(
    method: DescMethod,
    requests: AsyncIterable<Sent>,
    options: CallOptions,
    inherited: Inherited | undefined,
    signal: AbortSignal,
  ): Promise<AsyncIterable<Message>> {
    const { texts } = this.#options;
    const { endpoint, timeoutMs, header } = this.#termsOf(options, inherited, texts.kind[1]);
    const transport = this.#transportTo(method, endpoint, texts.route[1]);
    const values = inherited && new ClientOnlyValues(inherited);
    const response = await transport.stream(method as never, signal, timeoutMs, header, requests as never, values);
    return response.message;
  }

  #transportTo({ parent: { typeName } }: DescMethod, endpoint: string | undefined, caller: string): Transport {
    const { find, texts } = this.#options;
    let transport: Transport | null;
    try {
      transport = find(typeName, endpoint);
    } catch (error) {
      const text = `${caller}: the ${texts.resolver} threw while resolving "${typeName}".`;
      throw new ConnectError(text, Code.Internal, undefined, undefined, error);
    }
    if (transport !== null) return transport;
    const where = endpoint === undefined ? `"${typeName}"` : `"${typeName}" (endpoint "${endpoint}")`;
    throw new ConnectError(`${caller}: no route for ${where}: the resolver returned null.`, Code.Unavailable);
  }

  /**
   * What a call takes from its options, and from the context that it is made in.
   *
   * @throws ConnectError `deadline_exceeded` for a timeout of 0 or less, `invalid_argument` for invalid options
   */
  #termsOf(options: CallOptions, inherited: Inherited | undefined, caller: string) {
    let header: Headers | undefined;
    try {
      assertKnownKeys(options, CALL_OPTION_KEYS, { where: caller });
      assertString(caller, "endpoint", options.endpoint);
      assertTimeout(caller, options.timeoutMs);
      header = this.#headerOf(options, inherited);
    } catch (error) {
      throw ConnectError.from(error, Code.InvalidArgument);
    }
    const timeouts = [options.timeoutMs, inherited?.timeoutMs()].filter((timeout) => timeout !== undefined);
    const timeoutMs = timeouts.length === 0 ? undefined : Math.min(...timeouts);
    // connect's transports take 0 and less for no limit.
    if (timeoutMs !== undefined && timeoutMs <= 0) {
      throw new ConnectError("the operation timed out", Code.DeadlineExceeded);
    }
    return { endpoint: options.endpoint, timeoutMs, header };
  }

  /** Undefined for no headers. */
  #headerOf({ headers }: CallOptions, inherited: Inherited | undefined): Headers | undefined {
    const names = inherited === undefined ? [] : this.#options.propagateHeaders;
    if (names.length === 0) return headers === undefined ? undefined : new Headers(headers);
    const header = new Headers();
    for (const name of names) {
      const value = inherited?.requestHeader.get(name);
      if (value !== null && value !== undefined) header.set(name, value);
    }
    for (const [name, value] of new Headers(headers ?? [])) header.set(name, value);
    return [...header.keys()].length === 0 ? undefined : header;
  }
}

const CALL_OPTION_KEYS = {
  signal: true,
  timeoutMs: true,
  headers: true,
  endpoint: true,
} as const satisfies Keys<CallOptions>;

/** @throws TypeError unless it is a number, or absent */
function assertTimeout(caller: string, timeoutMs: unknown): void {
  if (timeoutMs === undefined || (typeof timeoutMs === "number" && !Number.isNaN(timeoutMs))) return;
  throw new TypeError(`${caller}: timeoutMs must be a number of milliseconds, not ${shown(timeoutMs)}`);
}

/** The calls of a server without a catalog: each fails, and says why. */
export const NO_CATALOG = new OutgoingCalls({
  catalog: undefined,
  texts: CONTEXT_TEXTS,
  find: () => null,
  propagateHeaders: [],
});

async function* once(request: Sent): AsyncGenerator<Sent> {
  yield request;
}
