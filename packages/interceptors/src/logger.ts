// A line for everything that passes.
import { type DescMessage, type Message, toJson } from "@bufbuild/protobuf";
import type { Interceptor, StreamRequest, UnaryRequest } from "@connectrpc/connect";
import { notify } from "./callback.ts";
import type { AnyRequest, AnyResponse, Next } from "./chain.ts";
import { redacted } from "./redaction.ts";
import { watched, withMessages } from "./watched-stream.ts";

type Level = "debug" | "info" | "warn" | "error";

/** A logger that takes an object of fields and then a text, as pino does. */
export type StructuredLogger = Record<Level, (fields: object, text: string) => void>;

export interface LoggerOptions {
  /** The method of `console`, or of a structured logger, that is called. Default `debug`. */
  level?: Level;
  /** Whether calls of `grpc.health` are passed over. Default true. */
  skipHealthCheck?: boolean;
  /**
   * A function that takes a text and what it is about, which decides on levels by itself; or a structured logger such as pino.
   * Default: `console`. What it throws goes to the console.
   */
  logger?: ((message: string, ...args: unknown[]) => void) | StructuredLogger;
}

/**
 * Logs request, response or error, and how long it took; of streams each message, and the time until their end. Fields that are
 * marked `debug_redact` are not shown.
 */
export function createLoggerInterceptor(options: LoggerOptions = {}): Interceptor {
  const { skipHealthCheck = true } = options;
  const sink = sinkOf(options);
  return (next) => (request) => {
    if (skipHealthCheck && request.service.typeName.includes("grpc.health")) return next(request);
    const log = new CallLog(sink, request);
    return request.stream ? logStream(log, next, request) : logUnary(log, next, request);
  };
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

/** What a line is about, beside its text. */
type Subject =
  | { readonly name: "request" | "response"; readonly desc: DescMessage | undefined; readonly message: Message }
  | { readonly name: "err"; readonly error: unknown }
  | { readonly name: "durationMs"; readonly ms: number };

type Sink = (text: string, path: string, subject: Subject) => void;

/** The lines of one call. */
class CallLog {
  readonly #sink: Sink;
  readonly #request: AnyRequest;
  readonly #path: string;
  readonly #begun = performance.now();

  /** @throws TypeError for a request whose `url` is none */
  constructor(sink: Sink, request: AnyRequest) {
    this.#sink = sink;
    this.#request = request;
    this.#path = new URL(request.url).pathname;
  }

  message(name: "request" | "response", message: Message): void {
    const { method, stream } = this.#request;
    const desc = name === "request" ? method.input : method.output;
    this.#write(`${stream ? "STREAM" : "RPC"} ${this.#path} ${name}`, { name, desc, message });
  }

  error(error: unknown): void {
    this.#write(`${this.#request.stream ? "STREAM" : "RPC"} ${this.#path} error`, { name: "err", error });
  }

  completed(): void {
    const ms = performance.now() - this.#begun;
    this.#write(`RPC ${this.#path} completed in ${ms.toFixed(2)}ms`, { name: "durationMs", ms });
  }

  #write(text: string, subject: Subject): void {
    notify("logger", () => this.#sink(text, this.#path, subject));
  }
}

function sinkOf({ level = "debug", logger }: LoggerOptions): Sink {
  if (typeof logger === "object") {
    return (text, path, subject) => logger[level]({ rpc: path, [subject.name]: fieldOf(subject) }, text);
  }
  const write = logger ?? console[level];
  return (text, _path, subject) => write(text, ...argumentsOf(subject));
}

function argumentsOf(subject: Subject): unknown[] {
  if ("message" in subject) return [redacted(subject.desc, subject.message)];
  return "error" in subject ? [subject.error] : [];
}

function fieldOf(subject: Subject): unknown {
  if ("ms" in subject) return subject.ms;
  return "error" in subject ? subject.error : jsonOf(subject.desc, redacted(subject.desc, subject.message));
}

/** Bytes and 64-bit numbers are not for `JSON.stringify`. What protobuf-es cannot write, an `Any` for one, is logged by its type. */
function jsonOf(desc: DescMessage | undefined, message: Message): unknown {
  if (desc === undefined) return message;
  try {
    return toJson(desc, message);
  } catch {
    return { $typeName: desc.typeName };
  }
}
