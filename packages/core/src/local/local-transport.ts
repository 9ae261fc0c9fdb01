// The Transport of connect for calls in process.
import type { DescMethodStreaming, DescMethodUnary, Message } from "@bufbuild/protobuf";
import type {
  Interceptor,
  StreamRequest,
  StreamResponse,
  Transport,
  UnaryRequest,
  UnaryResponse,
} from "@connectrpc/connect";
import { around, CallSignal } from "@connectum/hooks";
import { type AbortableTransport, CALL_UNARY } from "../catalog/abortable-transport.ts";
import { clientRequest, type Terms } from "./client-request.ts";
import type { LocalCalls } from "./local-calls.ts";
import type { LocalRequest } from "./local-port.ts";
import { callStream } from "./local-stream.ts";
import { callUnary } from "./local-unary.ts";

type AnyMethod = DescMethodUnary | DescMethodStreaming;
type AnyRequest = UnaryRequest | StreamRequest;
type AnyResponse = UnaryResponse | StreamResponse;
type Next = (request: AnyRequest) => Promise<AnyResponse>;

interface LocalTransportOptions {
  /** Around each call, on the client's side; the first is outermost. Default: none. */
  readonly interceptors?: readonly Interceptor[];
  /** Whether handlers see the context values of their client. Default true. */
  readonly passesValues?: boolean;
}

export class LocalTransport implements AbortableTransport {
  readonly #calls: () => LocalCalls;
  readonly #interceptors: readonly Interceptor[];
  readonly #passesValues: boolean;

  /** @param calls the calls of the server, which has its routes from the first call on */
  constructor(calls: () => LocalCalls, { interceptors = [], passesValues = true }: LocalTransportOptions = {}) {
    this.#calls = calls;
    this.#interceptors = interceptors;
    this.#passesValues = passesValues;
  }

  // The types of the messages are those of the method, which the client has chosen.

  unary = async (...given: Parameters<Transport["unary"]>) => (await this[CALL_UNARY](...given)) as never;

  stream = async (...[method, signal, timeoutMs, header, input, values]: Parameters<Transport["stream"]>) => {
    const terms = { canceledBy: signal, timeoutMs: positive(timeoutMs), given: header, values };
    return (await this.#call(method, terms, input)) as never;
  };

  /** @throws whatever the promise would reject with, if the call cannot be made */
  [CALL_UNARY](
    ...[method, canceledBy, timeoutMs, header, input, values]: Parameters<AbortableTransport[typeof CALL_UNARY]>
  ) {
    const terms = { canceledBy, timeoutMs: positive(timeoutMs), given: header, values };
    return this.#call(method, terms, input) as Promise<UnaryResponse>;
  }

  #call(method: AnyMethod, terms: Terms, input: unknown): Promise<AnyResponse> {
    const deadline = terms.timeoutMs === undefined ? undefined : performance.now() + terms.timeoutMs;
    if (this.#interceptors.length > 0) return this.#intercept(method, terms, deadline, input);
    return this.#send(method, { header: terms, deadline, canceledBy: terms.canceledBy, values: terms.values }, input);
  }

  #send(
    method: AnyMethod,
    { header, deadline, canceledBy, values }: Pick<LocalRequest, "header" | "deadline" | "canceledBy" | "values">,
    input: unknown,
  ): Promise<AnyResponse> {
    const calls = this.#calls();
    const local: LocalRequest = {
      calls,
      method: calls.method(method),
      // A copy: the caller may change its own before the handler looks.
      header: { timeoutMs: header.timeoutMs, given: header.given && new Headers(header.given) },
      deadline,
      canceledBy,
      values: this.#passesValues ? values : undefined,
    };
    local.method.assertTimeout(header.timeoutMs);
    return local.method.isUnary ? callUnary(local, input) : callStream(local, input as AsyncIterable<unknown>);
  }

  /** The same with the interceptors of the client around it. */
  async #intercept(
    method: AnyMethod,
    terms: Terms,
    deadline: number | undefined,
    input: unknown,
  ): Promise<AnyResponse> {
    const signal = new CallSignal(terms.canceledBy);
    const next: Next = (request) => {
      const { message, contextValues: values } = request;
      const header = { given: request.header, timeoutMs: terms.timeoutMs };
      return this.#send(method, { header, deadline, canceledBy: request, values }, message);
    };
    // connect's interceptors have a type for each kind of call, and only one of them is asked for here.
    const chain = around(next, this.#interceptors as unknown as ((next: Next) => Next)[]);
    try {
      const response = await chain(clientRequest(method, terms, signal, input));
      if (response.stream) return { ...response, message: whenDone(response.message, () => signal.end()) };
      signal.end();
      return response;
    } catch (error) {
      signal.end();
      throw error;
    }
  }
}

/** connect's own transports take 0 and less for no limit, too. */
function positive(timeoutMs: number | undefined): number | undefined {
  return timeoutMs !== undefined && timeoutMs > 0 ? timeoutMs : undefined;
}

/** The same messages; `done` runs after the last one, an error, or the end of a loop that is left early. */
async function* whenDone(messages: AsyncIterable<Message>, done: () => void): AsyncGenerator<Message> {
  try {
    yield* messages;
  } finally {
    done();
  }
}
