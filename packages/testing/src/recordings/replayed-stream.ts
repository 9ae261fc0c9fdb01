// A call with a stream of requests, of responses, or both, answered from a recording. While requests come, those
// recorded calls are left that began with the same ones.
import { isDeepStrictEqual } from "node:util";
import type { Message, Registry } from "@bufbuild/protobuf";
import type { StreamRequest } from "@connectrpc/connect";
import type { ReadCall } from "./parse-calls.ts";
import type { RecordedMessage } from "./recorded-call.ts";
import { errorOf } from "./recorded-error.ts";
import { headersOf } from "./recorded-fields.ts";
import { comparedMessage } from "./recorded-message.ts";
import type { Tape } from "./tape.ts";

export class ReplayedStream {
  readonly trailer = new Headers();
  readonly #tape: Tape;
  readonly #request: StreamRequest;
  readonly #registry: Registry | undefined;
  readonly #input: AsyncIterator<unknown>;
  readonly #aborted: Promise<never>;
  readonly #requests: RecordedMessage[] = [];
  #hasEnded = false;
  #yielded = 0;
  #candidates: readonly ReadCall[];
  /** The one that no other call gets, unless there is no more. */
  #taken: ReadCall | undefined;

  /** @throws ConnectError for a method without a recorded call */
  constructor(tape: Tape, request: StreamRequest, registry: Registry | undefined) {
    this.#tape = tape;
    this.#request = request;
    this.#registry = registry;
    this.#candidates = tape.candidates(request.method, request.header);
    this.#input = request.message[Symbol.asyncIterator]();
    this.#aborted = aborted(request.signal);
  }

  /** The response header, once as many requests have come as the handler read before its first response. */
  async header(): Promise<Headers> {
    await this.#readAhead();
    return headersOf(this.#candidate.header);
  }

  async *messages(): AsyncGenerator<Message> {
    try {
      for (;;) {
        await this.#readAhead();
        const call = this.#candidate;
        const { method } = this.#request;
        const isMissing = method.methodKind === "client_streaming" && this.#yielded === 0 && call.error === undefined;
        if (this.#yielded >= call.responses.length && !isMissing) return this.#end(call);
        const response = this.#tape.response(method, call, this.#yielded);
        this.#yielded += 1;
        yield response;
      }
    } finally {
      // A client's generator runs its `finally`. What it does there is its own concern.
      void this.#input.return?.().then(undefined, () => {});
    }
  }

  get #candidate(): ReadCall {
    const [first] = this.#candidates;
    if (first === undefined) throw new Error("a call that differs from all recorded ones has failed already");
    return first;
  }

  #end(call: ReadCall): void {
    for (const [name, value] of call.trailer) this.trailer.append(name, value);
    if (call.error === undefined) return;
    const error = errorOf(call.error);
    // As clients of every protocol have it.
    for (const [name, value] of [...call.header, ...call.trailer]) error.metadata.append(name, value);
    throw error;
  }

  /** Reads the requests that the handler had read before it responded, or ended. */
  async #readAhead(): Promise<void> {
    for (;;) {
      this.#request.signal.throwIfAborted();
      // Other calls may have been answered meanwhile.
      if (this.#taken === undefined) this.#candidates = this.#tape.inOrder(this.#candidates);
      const call = this.#candidate;
      const response = call.responses[this.#yielded];
      const count = response?.after ?? call.requests.length;
      const needsEnd = response === undefined ? call.readAll : response.ended === true;
      if (this.#requests.length >= count && (this.#hasEnded || !needsEnd)) return this.#take(call);
      await this.#readOne();
    }
  }

  #take(call: ReadCall): void {
    if (call !== this.#taken) this.#tape.use(call);
    this.#taken = call;
  }

  async #readOne(): Promise<void> {
    const { done, value } = await Promise.race([this.#input.next(), this.#aborted]);
    if (done === true) {
      this.#hasEnded = true;
      this.#keep(({ requests, readAll }) => {
        return readAll ? requests.length === this.#requests.length : requests.length <= this.#requests.length;
      });
      return;
    }
    const index = this.#requests.push(comparedMessage(this.#request.method.input, value, this.#registry)) - 1;
    // A handler that did not read on would have answered whatever comes.
    this.#keep(({ requests, readAll }) => {
      return index < requests.length ? isDeepStrictEqual(requests[index], this.#requests[index]) : !readAll;
    });
  }

  /** @throws ConnectError if no recorded call is left */
  #keep(isSame: (call: ReadCall) => boolean): void {
    const before = this.#candidates;
    // When each came does not matter: the client has them.
    const sentBy = ({ responses }: ReadCall) => responses.slice(0, this.#yielded).map(({ message }) => message);
    const sent = before[0] === undefined ? [] : sentBy(before[0]);
    this.#candidates = before.filter((call) => isSame(call) && isDeepStrictEqual(sentBy(call), sent));
    if (this.#candidates.length > 0) return;
    throw this.#tape.noSuchRequests(this.#request.method, this.#requests, before);
  }
}

/** Rejects when the signal aborts. Nobody need listen. */
function aborted(signal: AbortSignal): Promise<never> {
  const rejection = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  rejection.catch(() => {});
  return rejection;
}
