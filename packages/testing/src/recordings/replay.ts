// replay(): a transport that answers from a recording.
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import type { DescMethod, Registry } from "@bufbuild/protobuf";
import {
  type ContextValues,
  createContextValues,
  type Interceptor,
  type StreamRequest,
  type StreamResponse,
  type Transport,
  type UnaryRequest,
  type UnaryResponse,
} from "@connectrpc/connect";
import { runStreamingCall, runUnaryCall } from "@connectrpc/connect/protocol";
import { assertInterceptors, assertKnownKeys, assertMethods, type Keys } from "@connectum/hooks";
import { assertFile } from "./record-server.ts";
import { errorOf } from "./recorded-error.ts";
import { headersOf } from "./recorded-fields.ts";
import { comparedMessage } from "./recorded-message.ts";
import { ReplayedStream } from "./replayed-stream.ts";
import { Tape } from "./tape.ts";

export interface ReplayOptions {
  /** Around each call; the first is outermost. Default: none. */
  readonly interceptors?: readonly Interceptor[] | undefined;
  /** The one that the recording was made with. Default: none. */
  readonly registry?: Registry | undefined;
}

const KEYS = { interceptors: true, registry: true } as const satisfies Keys<ReplayOptions>;

/**
 * A transport that answers calls as a recording of `recordServer()` has them: with the messages, the headers and
 * trailers, or the error. Calls with the same requests get their answers in the order of the recording, then the last
 * one again.
 *
 * A call that was not recorded fails: with `unimplemented` if there is none of its method, else with `invalid_argument`
 * and the difference from the next one. Fields marked `debug_redact` are not compared,
 * not even whether they are set.
 *
 * @throws TypeError for invalid options, and for a line that is no call; the error of the file
 */
export function replay(file: string | URL, options: ReplayOptions = {}): Transport {
  assertFile("replay", file);
  assertKnownKeys(options, KEYS, { where: "replay" });
  const { interceptors = [], registry } = options;
  assertInterceptors("replay", "interceptors", interceptors);
  assertMethods("replay", "registry", registry, ["getMessage"]);
  const name = basename(file instanceof URL ? fileURLToPath(file) : file);
  const tape = new Tape(readFileSync(file, "utf8"), name, registry);
  return {
    async unary(method, signal, timeoutMs, header, message, values) {
      const req = { ...headOf(method, header, values), stream: false as const, method, message };
      const next = async (request: UnaryRequest) => answered(tape, request, registry);
      // The types of the messages are those of the method, which the client has chosen.
      return (await runUnaryCall({ req, next, ...termsOf(signal, timeoutMs, interceptors) } as never)) as never;
    },
    async stream(method, signal, timeoutMs, header, message, values) {
      const req = { ...headOf(method, header, values), stream: true as const, method, message };
      const next = async (request: StreamRequest) => streamed(new ReplayedStream(tape, request, registry), request);
      return (await runStreamingCall({ req, next, ...termsOf(signal, timeoutMs, interceptors) } as never)) as never;
    },
  };
}

/** What requests of all kinds have. */
function headOf(method: DescMethod, header: Parameters<Transport["unary"]>[3], values: ContextValues | undefined) {
  const { parent: service } = method;
  return {
    service,
    requestMethod: "POST",
    url: `https://replay/${service.typeName}/${method.name}`,
    header: new Headers(header),
    contextValues: values ?? createContextValues(),
  };
}

/** Connect's functions take 0 and less for a time that is over, its transports for none. */
function termsOf(signal: AbortSignal | undefined, timeoutMs: number | undefined, interceptors: readonly Interceptor[]) {
  return {
    ...(signal && { signal }),
    ...(timeoutMs !== undefined && timeoutMs > 0 && { timeoutMs }),
    interceptors: [...interceptors],
  };
}

/** @throws ConnectError that was recorded, or for a call that was not */
function answered(tape: Tape, request: UnaryRequest, registry: Registry | undefined): UnaryResponse {
  const { service, method, header } = request;
  request.signal.throwIfAborted();
  const candidates = tape.candidates(method, header);
  const given = comparedMessage(method.input, request.message, registry);
  const call = candidates.find(({ requests }) => isDeepStrictEqual(requests[0], given));
  if (call === undefined) throw tape.noSuchRequests(method, [given], candidates);
  tape.use(call);
  if (call.error !== undefined) throw errorOf(call.error);
  const message = tape.response(method, call, 0);
  return { stream: false, service, method, message, header: headersOf(call.header), trailer: headersOf(call.trailer) };
}

async function streamed(stream: ReplayedStream, { service, method }: StreamRequest): Promise<StreamResponse> {
  const header = await stream.header();
  return { stream: true, service, method, header, trailer: stream.trailer, message: stream.messages() };
}
