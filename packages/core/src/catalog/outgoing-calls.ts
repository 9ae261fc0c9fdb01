// Calls to services by name: what `ctx.call`, `ctx.stream` and the client of a catalog have in common.
import type { DescMethod, Message } from "@bufbuild/protobuf";
import { Code, ConnectError, type Transport } from "@connectrpc/connect";
import { shown } from "@connectum/hooks";
import { callAbortable } from "./abortable-unary.ts";
import { type Inherited, isSignal, termsOf } from "./call-terms.ts";
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
    const { catalog, texts, propagateHeaders } = this.#options;
    const method = methodOf(catalog, key, texts.key[0]);
    if (method.methodKind !== "unary") {
      const instead = `is a streaming method — use ${texts.instead[1]} instead.`;
      throw new ConnectError(`${texts.kind[0]}: "${key}" ${instead}`, Code.Unimplemented);
    }
    assertRequest(texts.kind[0], request);
    const { endpoint, timeoutMs, header } = termsOf(options, inherited, propagateHeaders, texts.kind[0]);
    const transport = this.#transportTo(method, endpoint, texts.route[0]);
    const canceledBy = options.signal ?? inherited;
    const values = inherited && new ClientOnlyValues(inherited);
    try {
      const response = await callAbortable(
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
    // Options that are wrong fail the call, as its other errors do.
    const canceledBy = ({ signal }: CallOptions) => (isSignal(signal) ? signal : inherited?.signal);
    switch (method.methodKind) {
      case "unary": {
        const instead = `is a unary method — use ${texts.instead[0]} instead.`;
        throw new ConnectError(`${texts.kind[1]}: "${key}" ${instead}`, Code.Unimplemented);
      }
      case "server_streaming":
        return (request: Sent, given?: CallOptions): AsyncIterable<Message> => {
          const options = given ?? {};
          const message = copyOf(method.input, request);
          // Each loop is a call of its own.
          const make = async (signal: AbortSignal) => {
            assertRequest(texts.kind[1], request);
            return open(once(message), signal, options);
          };
          const messages = () => new OutgoingMessages(make, canceledBy(options));
          return { [Symbol.asyncIterator]: messages };
        };
      case "client_streaming":
        return (given?: CallOptions) => {
          const options = given ?? {};
          return clientStream((requests, signal) => open(requests, signal, options), canceledBy(options), method);
        };
      default:
        return (given?: CallOptions) => {
          const options = given ?? {};
          return bidiStream((requests, signal) => open(requests, signal, options), canceledBy(options), method);
        };
    }
  }

  async #open(
    method: DescMethod,
    requests: AsyncIterable<Sent>,
    options: CallOptions,
    inherited: Inherited | undefined,
    signal: AbortSignal,
  ): Promise<AsyncIterable<Message>> {
    const { texts, propagateHeaders } = this.#options;
    const { endpoint, timeoutMs, header } = termsOf(options, inherited, propagateHeaders, texts.kind[1]);
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
}

/**
 * No request is an empty one, as for connect's clients.
 *
 * @throws ConnectError `invalid_argument` for a text or a number, of which `create()` would make an empty message
 */
function assertRequest(caller: string, request: unknown): void {
  if (request === undefined || request === null || typeof request === "object") return;
  const text = `${caller}: the request must be a message, or an object with its fields, not ${shown(request)}`;
  throw new ConnectError(text, Code.InvalidArgument);
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
