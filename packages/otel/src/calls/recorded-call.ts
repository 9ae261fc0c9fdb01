// One call: its span, its points, its messages. It ends once, whatever ends it first, and nothing here throws.
import { Code, ConnectError } from "@connectrpc/connect";
import type { CallObserver } from "@connectum/hooks";
import { type Attributes, type Context, type Span, SpanStatusCode } from "@opentelemetry/api";
import { isServerFault } from "../conventions/connect-error-code.ts";
import { codeOf, failureAttributes } from "../conventions/error-attributes.ts";
import { exceptionOf } from "../conventions/exception.ts";
import {
  ATTR_RPC_MESSAGE_ID,
  ATTR_RPC_MESSAGE_TYPE,
  ATTR_RPC_MESSAGE_UNCOMPRESSED_SIZE,
  RPC_MESSAGE_EVENT,
} from "../conventions/names.ts";
import { reportFault } from "../faults/report-fault.ts";
import { isConnectError, textOf } from "../faults/thrown.ts";
import type { CallFacts } from "./call-facts.ts";
import type { Side } from "./chain.ts";
import type { RpcServerMetrics } from "./instruments.ts";
import { estimateMessageSize } from "./message-size.ts";

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

/**
 * Our own server tells it of the call; for others, the functions of `record.ts` do. What a span or a histogram throws
 * is reported, and the call goes on.
 */
export class RecordedCall implements CallObserver {
  readonly #terms: RecordingTerms;
  /** In milliseconds of `performance.now()`; 0 without metrics. */
  readonly #started: number;
  readonly #hasEvents: boolean;
  /** Whether sizes are of use. */
  readonly #isMeasured: boolean;
  #requests = 0;
  #requestBytes = 0;
  #responses = 0;
  #responseBytes = 0;
  #hasEnded = false;
  /** In which the call runs: its span is active. */
  readonly context: Context;

  constructor(terms: RecordingTerms, context: Context) {
    this.#terms = terms;
    this.context = context;
    this.#started = terms.instruments === undefined ? 0 : performance.now();
    this.#hasEvents = terms.recordMessages && isRecording(terms.span);
    this.#isMeasured = terms.sizes && (this.#hasEvents || terms.instruments !== undefined);
  }

  /** @param bytes its size; undefined if nobody knows it yet */
  onRequest(message: unknown, bytes: number | undefined): void {
    if (this.#hasEnded) return;
    this.#requests += 1;
    const { side, method } = this.#terms.facts;
    const size = this.#isMeasured ? (bytes ?? estimateMessageSize(message, method.input)) : 0;
    this.#requestBytes += size;
    if (this.#hasEvents) this.#addEvent(side === "server" ? "RECEIVED" : "SENT", this.#requests, size);
  }

  /** @param bytes its size; undefined if nobody knows it yet */
  onResponse(message: unknown, bytes: number | undefined): void {
    if (this.#hasEnded) return;
    this.#responses += 1;
    const { side, method } = this.#terms.facts;
    const size = this.#isMeasured ? (bytes ?? estimateMessageSize(message, method.output)) : 0;
    this.#responseBytes += size;
    if (this.#hasEvents) this.#addEvent(side === "server" ? "SENT" : "RECEIVED", this.#responses, size);
  }

  onSuccess(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    const { span, facts } = this.#terms;
    try {
      // Without a fault a span has no status: it is the application's to set.
      span?.setAttributes(facts.success);
    } catch (error) {
      reportFault(error);
    }
    this.#end(facts.successPoint);
  }

  /** @param outcome what the other side sees, if that is not the error */
  onFailure(error: unknown, outcome: unknown = error): void {
    if (this.#hasEnded) return;
    try {
      this.#terms.span?.recordException(exceptionOf(error));
    } catch (fault) {
      reportFault(fault);
    }
    this.#endWith(outcome);
  }

  get side(): Side {
    return this.#terms.facts.side;
  }

  /**
   * The reader has stopped before the end: by what the request was aborted with, else `canceled`.
   *
   * @param at when that was, in milliseconds of `performance.now()`; undefined means now
   */
  stop(reason: unknown, at?: number | undefined): void {
    if (this.#hasEnded) return;
    const stopped = () => new ConnectError("the reader of the stream has stopped", Code.Canceled);
    this.#endWith(isConnectError(reason) ? reason : stopped(), at);
  }

  #endWith(outcome: unknown, at?: number | undefined): void {
    this.#hasEnded = true;
    const { span, facts } = this.#terms;
    let attributes: Attributes = {};
    try {
      attributes = failureAttributes(outcome, facts);
      if (facts.side === "client" || isServerFault(codeOf(outcome, facts.side))) {
        span?.setStatus({ code: SpanStatusCode.ERROR, message: textOf(outcome) });
      }
      span?.setAttributes(attributes);
    } catch (error) {
      reportFault(error);
    }
    this.#end({ ...facts.metricAttributes, ...attributes }, at);
  }

  /** The span first, then the points: each whatever becomes of the other. */
  #end(point: Attributes, at?: number | undefined): void {
    try {
      this.#terms.span?.end(at);
    } catch (error) {
      reportFault(error);
    }
    try {
      this.#record(point, at);
    } catch (error) {
      reportFault(error);
    }
  }

  #addEvent(type: "SENT" | "RECEIVED", id: number, size: number): void {
    try {
      this.#terms.span?.addEvent(RPC_MESSAGE_EVENT, {
        [ATTR_RPC_MESSAGE_TYPE]: type,
        [ATTR_RPC_MESSAGE_ID]: id,
        ...(this.#isMeasured && { [ATTR_RPC_MESSAGE_UNCOMPRESSED_SIZE]: size }),
      });
    } catch (error) {
      reportFault(error);
    }
  }

  #record(attributes: Attributes, at: number | undefined): void {
    const { instruments, sizes } = this.#terms;
    if (instruments === undefined) return;
    // Where the end is told, another span may be active.
    const { context } = this;
    instruments.callDuration.record(((at ?? performance.now()) - this.#started) / 1_000, attributes, context);
    if (!sizes) return;
    instruments.requestSize.record(this.#requestBytes, attributes, context);
    instruments.responseSize.record(this.#responseBytes, attributes, context);
  }
}

/** Whether a span takes anything. */
export function isRecording(span: Span | undefined): boolean {
  try {
    return span?.isRecording() === true;
  } catch (error) {
    reportFault(error);
    return false;
  }
}
