// A route: one method, with its handler and its options.
import type { DescMethod, Message } from "@bufbuild/protobuf";
import type { Interceptor } from "@connectrpc/connect";
import type { BuiltInProtocol } from "@connectum/hooks";
import type { NativeMethod } from "../boundary/native.ts";
import type { Context } from "../catalog/call-types.ts";
import type { OutgoingCalls } from "../catalog/outgoing-calls.ts";
import { Codec } from "../codec/codec.ts";
import type { ContextValuesFactory } from "../options/context-values.ts";
import type { ResolvedMethodOptions } from "../options/method-options.ts";

/**
 * A handler of any of the four kinds: takes a message or an iterable of messages, returns a message (or its promise) or
 * an iterable. The result is checked where it is used.
 */
export type AnyHandler = (input: Message | AsyncIterable<Message>, context: Context) => unknown;

/** The settings that the routes of one registration share. */
export interface RouteSettings {
  readonly options: ResolvedMethodOptions;
  /** Around the handler; the first is outermost. */
  readonly interceptors: readonly Interceptor[];
  /** Aborts the signals of its calls, like connect's option of a service. */
  readonly shutdownSignal: AbortSignal | undefined;
  /** The built-in protocol that the method belongs to, if it does. */
  readonly builtIn: BuiltInProtocol["kind"] | undefined;
  /** Makes the context values of each call. Undefined: they are empty. */
  readonly contextValues: ContextValuesFactory | undefined;
  /** Makes the calls of its handlers to other services. */
  readonly outgoing: OutgoingCalls;
}

/** One method as it is served. */
export class Route implements RouteSettings {
  readonly method: DescMethod;
  readonly handler: AnyHandler;
  readonly options: ResolvedMethodOptions;
  readonly interceptors: readonly Interceptor[];
  readonly shutdownSignal: AbortSignal | undefined;
  readonly builtIn: BuiltInProtocol["kind"] | undefined;
  readonly contextValues: ContextValuesFactory | undefined;
  readonly outgoing: OutgoingCalls;
  readonly codec: Codec;
  readonly streamsRequests: boolean;
  readonly streamsResponses: boolean;
  /** Whether it streams either of them. */
  readonly isStream: boolean;

  constructor(method: DescMethod, handler: AnyHandler, settings: RouteSettings) {
    this.method = method;
    this.handler = handler;
    this.options = settings.options;
    this.interceptors = settings.interceptors;
    this.shutdownSignal = settings.shutdownSignal;
    this.builtIn = settings.builtIn;
    this.contextValues = settings.contextValues;
    this.outgoing = settings.outgoing;
    this.codec = new Codec(method, settings.options);
    this.streamsRequests = method.methodKind === "client_streaming" || method.methodKind === "bidi_streaming";
    this.streamsResponses = method.methodKind === "server_streaming" || method.methodKind === "bidi_streaming";
    this.isStream = this.streamsRequests || this.streamsResponses;
  }

  /** `/<package>.<Service>/<Method>` */
  get path(): string {
    return `/${this.method.parent.typeName}/${this.method.name}`;
  }

  /** The method as Rust registers it. */
  toNative(): NativeMethod {
    const { readMaxBytes, compressMinBytes, acceptCompression, maxTimeoutMs, requireConnectProtocolHeader } =
      this.options;
    return {
      path: this.path,
      requestStream: this.streamsRequests,
      responseStream: this.streamsResponses,
      // NO_SIDE_EFFECTS of google.protobuf.MethodOptions.IdempotencyLevel.
      sideEffectFree: this.method.idempotency === 1,
      readMaxBytes,
      compressMinBytes,
      acceptCompression: [...acceptCompression],
      maxTimeoutMs: maxTimeoutMs ?? null,
      requireConnectProtocolHeader,
      // Interceptors are JavaScript, so JavaScript serves the method if it has any.
      builtIn: this.interceptors.length > 0 ? null : (this.builtIn ?? null),
    };
  }
}
