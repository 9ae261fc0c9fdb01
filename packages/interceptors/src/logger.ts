// A log of all calls and their messages.
import { type DescMessage, type Message, toJson } from "@bufbuild/protobuf";
import type { Interceptor, StreamRequest, UnaryRequest } from "@connectrpc/connect";
import { assertBoolean, assertKnownKeys, assertMethods, assertOneOf, type Keys, markFactory } from "@connectum/hooks";
import type { AnyRequest, AnyResponse, Next } from "./calls/chain.ts";
import { requestIdIn, requestIdNote } from "./calls/request-id-key.ts";
import { watched, withMessages } from "./calls/watched-stream.ts";
import { notify } from "./options/callback.ts";
import { redacted } from "./redaction.ts";

type Level = "debug" | "info" | "warn" | "error";

/** A logger whose methods take an object of fields, then a text, as those of pino do. */
export type StructuredLogger = Record<Level, (fields: object, text: string) => void>;

export interface LoggerOptions {
  /** Which method of `console`, or of a structured logger, is called. Default `debug`. */
  level?: Level | undefined;
  /** Whether calls of `grpc.health` are not logged. Default true. */
  skipHealthCheck?: boolean | undefined;
  /**
   * A function of a text and details, for which `level` has no effect; or a structured logger such as pino. Default:
   * `console`. Errors that it throws are written to the console.
   */
  logger?: (((message: string, ...args: unknown[]) => void) | StructuredLogger) | undefined;
}

const WHERE = "createLoggerInterceptor";

const KEYS = {
  level: true,
  skipHealthCheck: true,
  logger: true,
} as const satisfies Keys<LoggerOptions>;

const LEVELS: readonly Level[] = ["debug", "info", "warn", "error"];

/**
 * Logs the request, the response or error, and the duration; for streams each message, and the duration until their
 * end. Fields marked `debug_redact` are not shown.
 *
 * @throws TypeError or RangeError for an invalid option
 */
export function createLoggerInterceptor(options: LoggerOptions = {}): Interceptor {
  checkOptions(options);
  const { skipHealthCheck = true } = options;
  const sink = sinkOf(options);
  return (next) => (request) => {
    if (skipHealthCheck && request.service.typeName.includes("grpc.health")) return next(request);
    const log = new CallLog(sink, request);
    return request.stream ? logStream(log, next, request) : logUnary(log, next, request);
  };
}

markFactory(createLoggerInterceptor, `${WHERE}()`);

function checkOptions(options: LoggerOptions): void {
  assertKnownKeys(options, KEYS, { where: WHERE });
  const { level = "debug", skipHealthCheck, logger } = options;
  assertOneOf(WHERE, "level", level, LEVELS);
  assertBoolean(WHERE, "skipHealthCheck", skipHealthCheck);
  if (typeof logger !== "function") assertMethods(WHERE, "logger", logger, [level]);
}

async function logUnary(log: CallLog, next: Next, request: UnaryRequest): Promise<AnyResponse> {
  log.message("request", request.message);
  try {
    const response = await next(request);
    if (!response.stream) log.message("response", response.message);
    return response;
  } catch (error) {
    log.error(error);
    throw error;
  } finally {
    log.completed();
  }
}

async function logStream(log: CallLog, next: Next, request: StreamRequest): Promise<AnyResponse> {
  const requests = watched(request.message, { onMessage: (message) => log.message("request", message) });
  const failed = (error: unknown) => {
    log.error(error);
    log.completed();
    return error;
  };
  let response: AnyResponse;
  try {
    response = await next(withMessages(request, requests));
  } catch (error) {
    throw failed(error);
  }
  if (!response.stream) {
    log.completed();
    return response;
  }
  const responses = watched(response.message, {
    onMessage: (message) => log.message("response", message),
    onEnd: () => log.completed(),
    onError: failed,
  });
  return withMessages(response, responses);
}

/** The details of a line, beside its text. */
type Details =
  | { readonly name: "request" | "response"; readonly desc: DescMessage | undefined; readonly message: Message }
  | { readonly name: "err"; readonly error: unknown }
  | { readonly name: "durationMs"; readonly ms: number };

type LogSink = (text: string, call: LoggedCall, details: Details) => void;

/** The call that a line is about. */
interface LoggedCall {
  readonly path: string;
  readonly request: AnyRequest;
}

/** The lines of one call. */
class CallLog implements LoggedCall {
  readonly #sink: LogSink;
  readonly request: AnyRequest;
  readonly path: string;
  readonly #started = performance.now();

  /** @throws TypeError for a request whose `url` cannot be parsed */
  constructor(sink: LogSink, request: AnyRequest) {
    this.#sink = sink;
    this.request = request;
    this.path = new URL(request.url).pathname;
  }

  message(name: "request" | "response", message: Message): void {
    const { method, stream } = this.request;
    const desc = name === "request" ? method.input : method.output;
    this.#write(`${stream ? "STREAM" : "RPC"} ${this.path} ${name}`, { name, desc, message });
  }

  error(error: unknown): void {
    this.#write(`${this.request.stream ? "STREAM" : "RPC"} ${this.path} error`, { name: "err", error });
  }

  completed(): void {
    const ms = performance.now() - this.#started;
    this.#write(`RPC ${this.path} completed in ${ms.toFixed(2)}ms`, { name: "durationMs", ms });
  }

  #write(text: string, details: Details): void {
    notify("logger", () => this.#sink(text, this, details));
  }
}

function sinkOf({ level = "debug", logger }: LoggerOptions): LogSink {
  if (typeof logger === "object") {
    return (text, { path, request }, details) => {
      const requestId = requestIdIn(request);
      const id = requestId === undefined ? {} : { requestId };
      logger[level]({ rpc: path, ...id, [details.name]: fieldOf(details) }, text);
    };
  }
  const write = logger ?? console[level];
  return (text, { request }, details) => {
    const rest = argumentsOf(details);
    const line = text + requestIdNote(request);
    // With more than a text the console takes it for a format, and the request id is a client's text.
    write(rest.length === 0 ? line : line.replaceAll("%", "%%"), ...rest);
  };
}

function argumentsOf(details: Details): unknown[] {
  if ("message" in details) return [redacted(details.desc, details.message)];
  return "error" in details ? [details.error] : [];
}

function fieldOf(details: Details): unknown {
  if ("ms" in details) return details.ms;
  return "error" in details ? details.error : jsonOf(details.desc, redacted(details.desc, details.message));
}

/**
 * As JSON, because `JSON.stringify` cannot write 64-bit integers. A message that protobuf-es cannot write, such as an
 * unknown `Any`, is logged by its type.
 */
function jsonOf(desc: DescMessage | undefined, message: Message): unknown {
  if (desc === undefined) return message;
  try {
    return toJson(desc, message);
  } catch {
    return { $typeName: desc.typeName };
  }
}
