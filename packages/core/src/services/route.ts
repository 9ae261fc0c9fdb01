// A route: one method as it is served.
import type { DescMethod, Message } from "@bufbuild/protobuf";
import type { HandlerContext, Interceptor } from "@connectrpc/connect";
import type { NativeMethod } from "../boundary/native.ts";
import { Codec } from "../codec/codec.ts";
import type { ResolvedMethodOptions } from "../options/method-options.ts";
import type { BuiltInProtocol } from "./built-in-protocol.ts";

/**
 * A handler of any of the four kinds: a message or an iterable of messages in, a message (or its promise) or an
 * iterable out. What it returns is checked where it is used.
 */
export type AnyHandler = (input: Message | AsyncIterable<Message>, context: HandlerContext) => unknown;

/** One method as it is served. */
export class Route {
  readonly method: DescMethod;
  readonly handler: AnyHandler;
  readonly options: ResolvedMethodOptions;
  /** Around the handler; the first is outermost. */
  readonly interceptors: readonly Interceptor[];
  /** Aborts the signal of the method's calls, as connect's option of a service. */
  readonly shutdownSignal: AbortSignal | undefined;
  /** The protocol it belongs to, when that is one of those that Rust answers. */
  readonly native: BuiltInProtocol["kind"] | undefined;
  readonly codec: Codec;
  readonly streamsRequests: boolean;
  readonly streamsResponses: boolean;

  constructor(
    method: DescMethod,
    handler: AnyHandler,
    {
      options,
      interceptors,
      shutdownSignal,
      native,
    }: Pick<Route, "options" | "interceptors" | "shutdownSignal"> & Partial<Pick<Route, "native">>,
  ) {
    this.method = method;
    this.handler = handler;
    this.options = options;
    this.interceptors = interceptors;
    this.shutdownSignal = shutdownSignal;
    this.native = native;
    this.codec = new Codec(method, options);
    this.streamsRequests = method.methodKind === "client_streaming" || method.methodKind === "bidi_streaming";
    this.streamsResponses = method.methodKind === "server_streaming" || method.methodKind === "bidi_streaming";
  }

  /** `/<package>.<Service>/<Method>` */
  get path(): string {
    return `/${this.method.parent.typeName}/${this.method.name}`;
  }

  /** What Rust needs to know of it. */
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
      ...(maxTimeoutMs === undefined ? {} : { maxTimeoutMs }),
      requireConnectProtocolHeader,
      // With interceptors JavaScript answers: they are there.
      ...(this.native === undefined || this.interceptors.length > 0 ? {} : { answeredBy: this.native }),
    };
  }
}
