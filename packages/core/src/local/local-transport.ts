// The Transport of connect for calls in process.
import type { DescMethodStreaming, DescMethodUnary } from "@bufbuild/protobuf";
import type { ContextValues, Interceptor, Transport, UnaryResponse } from "@connectrpc/connect";
import { shown } from "@connectum/hooks";
import { type CanceledBy, unaryOf } from "../catalog/abortable-unary.ts";
import { type ClientResponse, callIntercepted, timeLimit } from "../catalog/client-call.ts";
import { valuesForHandler } from "../catalog/client-only-values.ts";
import type { HeadersInit } from "../options/headers-init.ts";
import { localUrl, requestHeaders } from "./local-call-head.ts";
import type { LocalCalls } from "./local-calls.ts";
import type { LocalRequest } from "./local-port.ts";
import { callStream } from "./local-stream.ts";
import { callUnary } from "./local-unary.ts";

type AnyMethod = DescMethodUnary | DescMethodStreaming;

/** What a client says of its call. */
interface Terms {
  readonly canceledBy: CanceledBy;
  /** Undefined is no limit. */
  readonly timeoutMs: number | undefined;
  /** Headers of its own. */
  readonly given: HeadersInit | undefined;
  readonly values: ContextValues | undefined;
}

export class LocalTransport implements Transport {
  readonly #calls: () => LocalCalls;
  readonly #interceptors: readonly Interceptor[];

  /**
   * @param calls the calls of the server, which has its routes from the first call on
   * @param interceptors around each call, on the client's side; the first is outermost
   */
  constructor(calls: () => LocalCalls, interceptors: readonly Interceptor[] = []) {
    this.#calls = calls;
    this.#interceptors = interceptors;
  }

  readonly unary = unaryOf((method, canceledBy, timeoutMs, header, input, values) => {
    const terms = { canceledBy, timeoutMs: timeLimit(timeoutMs), given: header, values };
    return this.#call(method, terms, input) as Promise<UnaryResponse>;
  });

  // The types of the messages are those of the method, which the client has chosen.
  readonly stream = async (...[method, signal, timeoutMs, header, input, values]: Parameters<Transport["stream"]>) => {
    assertRequests(method, input);
    const terms = { canceledBy: signal, timeoutMs: timeLimit(timeoutMs), given: header, values };
    return (await this.#call(method, terms, input)) as never;
  };

  #call(method: AnyMethod, terms: Terms, input: unknown): Promise<ClientResponse> {
    if (this.#interceptors.length === 0) return this.#send(method, terms, input);
    const { canceledBy, timeoutMs, values } = terms;
    const call = {
      method,
      url: localUrl(`/${method.parent.typeName}/${method.name}`),
      header: requestHeaders(terms, method.methodKind !== "unary"),
      timeoutMs,
      canceledBy,
      values,
      input,
    };
    return callIntercepted(call, this.#interceptors, (request, left) =>
      this.#send(method, { canceledBy: request, given: request.header, ...left }, request.message),
    );
  }

  #send(method: AnyMethod, { canceledBy, timeoutMs, given, values }: Terms, input: unknown): Promise<ClientResponse> {
    const calls = this.#calls();
    const local: LocalRequest = {
      calls,
      method: calls.method(method),
      // A copy: the caller may change its own before the handler looks.
      header: { timeoutMs, given: given && new Headers(given) },
      deadline: timeoutMs === undefined ? undefined : performance.now() + timeoutMs,
      canceledBy,
      values: valuesForHandler(values),
    };
    local.method.assertTimeout(timeoutMs);
    return local.method.isUnary ? callUnary(local, input) : callStream(local, input as AsyncIterable<unknown>);
  }
}

/** @throws TypeError for requests that cannot be read: an array, for example */
function assertRequests({ parent, name }: DescMethodStreaming, input: unknown): void {
  if (typeof input === "object" && input !== null && Symbol.asyncIterator in input) return;
  const right = "an async iterable, for example an async generator";
  throw new TypeError(`the requests of ${parent.typeName}/${name} must be ${right}, not ${shown(input)}`);
}
