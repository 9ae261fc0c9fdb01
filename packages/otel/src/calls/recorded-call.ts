// One call: its span, its points, its messages. It ends once, whatever ends it first.
import { Code, ConnectError } from "@connectrpc/connect";
import { type Attributes, type Context, type Span, SpanStatusCode } from "@opentelemetry/api";
import { isServerFault } from "../conventions/connect-error-code.ts";
import { codeOf, failureAttributes } from "../conventions/error-attributes.ts";
import {
  ATTR_RPC_MESSAGE_ID,
  ATTR_RPC_MESSAGE_TYPE,
  ATTR_RPC_MESSAGE_UNCOMPRESSED_SIZE,
  RPC_MESSAGE_EVENT,
} from "../conventions/names.ts";
import type { CallFacts } from "./call-facts.ts";
import type { RpcServerMetrics } from "./instruments.ts";
import { estimateMessageSize } from "./message-size.ts";
import { textOf } from "./thrown.ts";

/** What a call is recorded with. */
export interface RecordingTerms {
  readonly facts: CallFacts;
  readonly span: Span | undefined;
  readonly instruments: RpcServerMetrics | undefined;
  /** Whether the span has an event for each message. */
  readonly recordMessages: boolean;
  /** Whether messages are measured. */
  readonly sizes: boolean;
}

/** The messages of one direction. */
interface Direction {
  count: number;
  bytes: number;
}

export class RecordedCall {
  readonly #terms: RecordingTerms;
  readonly #started = performance.now();
  readonly #request: Direction = { count: 0, bytes: 0 };
  readonly #response: Direction = { count: 0, bytes: 0 };
  readonly #hasEvents: boolean;
  #hasEnded = false;
  /** In which the call runs: its span is active. */
  readonly context: Context;

  constructor(terms: RecordingTerms, context: Context) {
    this.#terms = terms;
    this.context = context;
    this.#hasEvents = terms.recordMessages && terms.span?.isRecording() === true;
  }

  request(message: unknown): void {
    this.#message(message, this.#request, this.#terms.facts.side === "server" ? "RECEIVED" : "SENT");
  }

  response(message: unknown): void {
    this.#message(message, this.#response, this.#terms.facts.side === "server" ? "SENT" : "RECEIVED");
  }

  /** The call has succeeded. */
  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    const { span, facts } = this.#terms;
    // Without a fault a span has no status: it is the application's to set.
    span?.setAttributes(facts.success);
    span?.end();
    this.#record(facts.successPoint);
  }

  /**
   * The call has failed.
   *
   * @param outcome what the other side sees, if that is not the error
   */
  fail(error: unknown, outcome: unknown = error): void {
    if (this.#hasEnded) return;
    this.#terms.span?.recordException(error instanceof Error ? error : textOf(error));
    this.#endWith(outcome);
  }

  /** The reader has stopped before the end: by what the request was aborted with, else `canceled`. */
  stop(reason: unknown): void {
    if (this.#hasEnded) return;
    const isReason = reason instanceof ConnectError;
    this.#endWith(isReason ? reason : new ConnectError("the reader of the stream has stopped", Code.Canceled));
  }

  #endWith(outcome: unknown): void {
    this.#hasEnded = true;
    const { span, facts } = this.#terms;
    const attributes = failureAttributes(outcome, facts);
    if (facts.side === "client" || isServerFault(codeOf(outcome, facts.side))) {
      span?.setStatus({ code: SpanStatusCode.ERROR, message: textOf(outcome) });
    }
    span?.setAttributes(attributes);
    span?.end();
    this.#record({ ...facts.metricAttributes, ...attributes });
  }

  #message(message: unknown, direction: Direction, type: "SENT" | "RECEIVED"): void {
    direction.count += 1;
    const { sizes, instruments, facts, span } = this.#terms;
    const isMeasured = sizes && (this.#hasEvents || instruments !== undefined);
    const { input, output } = facts.method;
    const size = isMeasured ? estimateMessageSize(message, direction === this.#request ? input : output) : 0;
    direction.bytes += size;
    if (!this.#hasEvents) return;
    span?.addEvent(RPC_MESSAGE_EVENT, {
      [ATTR_RPC_MESSAGE_TYPE]: type,
      [ATTR_RPC_MESSAGE_ID]: direction.count,
      ...(isMeasured && { [ATTR_RPC_MESSAGE_UNCOMPRESSED_SIZE]: size }),
    });
  }

  #record(attributes: Attributes): void {
    const { instruments, sizes } = this.#terms;
    if (instruments === undefined) return;
    instruments.callDuration.record((performance.now() - this.#started) / 1_000, attributes);
    if (!sizes) return;
    instruments.requestSize.record(this.#request.bytes, attributes);
    instruments.responseSize.record(this.#response.bytes, attributes);
  }
}
