// Records one call while it runs.
import type { DescMessage, Registry } from "@bufbuild/protobuf";
import type { StreamRequest, StreamResponse, UnaryRequest, UnaryResponse } from "@connectrpc/connect";
import type { RecordedCall, RecordedError, RecordedMessage, RecordedResponse } from "./recorded-call.ts";
import { recordedError, type Unrecorded } from "./recorded-error.ts";
import { chosenHeaders, recordedFields } from "./recorded-fields.ts";
import { recordedMessage, unrecorded } from "./recorded-message.ts";

type AnyRequest = UnaryRequest | StreamRequest;
type AnyResponse = UnaryResponse | StreamResponse;

export interface CallRecorderOptions {
  /** Names of request headers. */
  readonly headers: readonly string[];
  readonly registry: Registry | undefined;
  /** The call goes on, as if nobody recorded it. */
  readonly failed: Unrecorded;
  /** Gets each call that has ended, unless its client gave it up: nobody knows what it would have got. */
  readonly write: (call: RecordedCall) => void;
}

export class CallRecorder {
  readonly #request: AnyRequest;
  readonly #options: CallRecorderOptions;
  readonly #headers: Readonly<Record<string, string | null>>;
  readonly #requests: RecordedMessage[] = [];
  readonly #responses: RecordedResponse[] = [];
  #readAll = false;
  #isOver = false;

  constructor(request: AnyRequest, options: CallRecorderOptions) {
    this.#request = request;
    this.#options = options;
    // Now: an interceptor may change them.
    this.#headers = chosenHeaders(request.header, options.headers);
  }

  /** Calls the handler, or what is around it. */
  async run(next: (request: AnyRequest) => Promise<AnyResponse>): Promise<AnyResponse> {
    try {
      const response = await next(this.#watchedRequest());
      if (response.stream) return { ...response, message: this.#watchedResponses(response) } as StreamResponse;
      this.#addResponse(response.message);
      this.#end(response);
      return response;
    } catch (error) {
      this.#fail(error);
      throw error;
    }
  }

  #watchedRequest(): AnyRequest {
    const request = this.#request;
    if (request.stream) return { ...request, message: this.#watchedRequests(request) } as StreamRequest;
    this.#addRequest(request.message);
    this.#readAll = true;
    return request;
  }

  async *#watchedRequests({ message }: StreamRequest) {
    for await (const one of message) {
      this.#addRequest(one);
      yield one;
    }
    this.#readAll = true;
  }

  async *#watchedResponses(response: StreamResponse) {
    try {
      for await (const one of response.message) {
        this.#addResponse(one);
        yield one;
      }
    } catch (error) {
      this.#fail(error, response);
      throw error;
    }
    this.#end(response);
  }

  #addRequest(message: unknown): void {
    this.#requests.push(this.#recorded(this.#request.method.input, message));
  }

  #addResponse(message: unknown): void {
    const recorded = this.#recorded(this.#request.method.output, message);
    // The one request of a unary call needs no end.
    const ended = this.#request.stream && this.#readAll ? ({ ended: true } as const) : {};
    this.#responses.push({ after: this.#requests.length, ...ended, message: recorded });
  }

  #recorded(desc: DescMessage, message: unknown): RecordedMessage {
    try {
      return recordedMessage(desc, message, this.#options.registry);
    } catch (reason) {
      this.#options.failed(`a ${desc.typeName}`, reason);
      return unrecorded(reason);
    }
  }

  #fail(error: unknown, response?: AnyResponse): void {
    if (this.#request.signal.aborted) return;
    const { registry, failed } = this.#options;
    this.#end(response, recordedError(error, registry, failed));
  }

  #end(response: AnyResponse | undefined, error?: RecordedError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { service, method } = this.#request;
    this.#options.write({
      method: `${service.typeName}/${method.name}`,
      headers: this.#headers,
      requests: this.#requests,
      readAll: this.#readAll,
      header: response === undefined ? [] : recordedFields(response.header),
      responses: this.#responses,
      trailer: response === undefined ? [] : recordedFields(response.trailer),
      error,
    });
  }
}
