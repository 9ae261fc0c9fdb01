// replay(): a transport that answers from a recording.
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import type { DescMethodStreaming, DescMethodUnary, Message, Registry } from "@bufbuild/protobuf";
import { Code, ConnectError, type StreamResponse, type Transport, type UnaryResponse } from "@connectrpc/connect";
import { assertKnownKeys, assertMethods, type Keys } from "@connectum/hooks";
import { assertFile } from "./record-server.ts";
import { errorOf } from "./recorded-error.ts";
import { headersOf } from "./recorded-fields.ts";
import { messageOf, recordedMessage } from "./recorded-message.ts";
import { ReplayedStream } from "./replayed-stream.ts";
import { Tape } from "./tape.ts";

export interface ReplayOptions {
  /** The one that the recording was made with. Default: none. */
  readonly registry?: Registry | undefined;
}

const KEYS = { registry: true } as const satisfies Keys<ReplayOptions>;

/**
 * A transport that answers calls as a recording of `recordServer()` has them: with the messages, the headers and
 * trailers, or the error. Calls with the same requests get their answers in the order of the recording, then the last
 * one again.
 *
 * A call that was not recorded fails: with `unimplemented` if there is none of its method, else with `invalid_argument`
 * and the difference from the next one. Fields marked `debug_redact` are not compared.
 *
 * @throws TypeError for invalid options, and for a line that is no call; the error of the file
 */
export function replay(file: string | URL, options: ReplayOptions = {}): Transport {
  assertFile("replay", file);
  assertKnownKeys(options, KEYS, { where: "replay" });
  const { registry } = options;
  assertMethods("replay", "registry", registry, ["getMessage"]);
  const name = basename(file instanceof URL ? fileURLToPath(file) : file);
  const tape = new Tape(readFileSync(file, "utf8"), name);
  return {
    unary: async (method, signal, _timeoutMs, header, input) => {
      throwIfAborted(signal);
      return answered(tape, method, new Headers(header), input, registry) as never;
    },
    stream: async (method, signal, _timeoutMs, header, input) => {
      throwIfAborted(signal);
      const call = { method, header: new Headers(header), input, aborted: aborted(signal) };
      return (await streamed(new ReplayedStream(tape, call, registry), method)) as never;
    },
  };
}

/** @throws ConnectError that was recorded, or for a call that was not */
function answered(
  tape: Tape,
  method: DescMethodUnary,
  header: Headers,
  input: unknown,
  registry: Registry | undefined,
): UnaryResponse {
  const candidates = tape.candidates(method, header);
  const given = recordedMessage(method.input, input, registry);
  const call = candidates.find(({ requests }) => isDeepStrictEqual(requests[0], given));
  if (call === undefined) throw tape.noSuchRequests(method, [given], candidates);
  tape.use(call);
  if (call.error !== undefined) throw errorOf(call.error);
  const message: Message = messageOf(method.output, call.responses[0]?.message ?? {}, registry);
  const common = { stream: false, service: method.parent, method } as const;
  return { ...common, message, header: headersOf(call.header), trailer: headersOf(call.trailer) };
}

async function streamed(stream: ReplayedStream, method: DescMethodStreaming): Promise<StreamResponse> {
  const header = await stream.header();
  const { trailer } = stream;
  return { stream: true, service: method.parent, method, header, trailer, message: stream.messages() };
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw ConnectError.from(signal.reason, Code.Canceled);
}

/** Rejects when the signal aborts. Nobody need listen. */
function aborted(signal: AbortSignal | undefined): Promise<never> {
  const rejection = new Promise<never>((_, reject) => {
    signal?.addEventListener("abort", () => reject(ConnectError.from(signal.reason, Code.Canceled)), { once: true });
  });
  rejection.catch(() => {});
  return rejection;
}
