// A method as a client in process calls it: its route, and how its messages pass.
import type { DescMethod, Message } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { shown } from "@connectum/hooks";
import type { HandlerMessage } from "../calls/handler-message.ts";
import { Transfer } from "../codec/transfer.ts";
import type { Route } from "../services/route.ts";

export class LocalMethod {
  readonly route: Route;
  /** The method as the client knows it, by its own generated code. */
  readonly clientMethod: DescMethod;
  readonly #requests: Transfer;
  readonly #responses: Transfer;

  /**
   * @param method the method as the client knows it
   * @throws ConnectError `unknown` if only one of the two takes it for unary, as from the 415 of a server elsewhere
   */
  constructor(route: Route, method: DescMethod) {
    const { options } = route;
    const { binaryOptions, readMaxBytes, writeMaxBytes } = options;
    if (route.isStream !== (method.methodKind !== "unary")) throw notTheSameKind(route, method);
    this.route = route;
    this.clientMethod = method;
    this.#requests = new Transfer({
      from: method.input,
      to: route.method.input,
      readOptions: binaryOptions,
      maxBytes: readMaxBytes,
      tooLarge: (bytes) => tooLarge(bytes, "readMaxBytes", readMaxBytes),
    });
    this.#responses = new Transfer({
      from: route.method.output,
      to: method.output,
      writeOptions: binaryOptions,
      maxBytes: writeMaxBytes,
      tooLarge: (bytes) => tooLarge(bytes, "writeMaxBytes", writeMaxBytes),
    });
  }

  /** Whether it has one message each way. */
  get isUnary(): boolean {
    return !this.route.isStream;
  }

  /** @throws ConnectError `invalid_argument` for a longer timeout than the method allows */
  assertTimeout(timeoutMs: number | undefined): void {
    const { maxTimeoutMs } = this.route.options;
    if (timeoutMs === undefined || maxTimeoutMs === undefined || timeoutMs <= maxTimeoutMs) return;
    throw new ConnectError(`timeout ${timeoutMs}ms must be <= ${maxTimeoutMs}`, Code.InvalidArgument);
  }

  /**
   * The message that the handler gets.
   *
   * @throws ConnectError `internal` for a message that cannot be serialized, `resource_exhausted` for one that is
   * larger than `readMaxBytes`, as a client with a connection gets it
   */
  request(value: unknown): Message {
    const { typeName } = this.route.method.input;
    // As connect's own transports take it.
    const given = value ?? {};
    if (typeof given !== "object") {
      throw new ConnectError(`serialize binary: expected ${typeName}, got ${shown(given)}`, Code.Internal);
    }
    try {
      return this.#requests.pass(given);
    } catch (error) {
      if (error instanceof ConnectError) throw error;
      const text = error instanceof Error ? error.message : String(error);
      throw new ConnectError(`serialize binary: ${text}`, Code.Internal, undefined, undefined, error);
    }
  }

  /**
   * The message that the client gets.
   *
   * @throws TypeError for anything that is no message; ConnectError `resource_exhausted` for more than `writeMaxBytes`
   */
  response({ codec, value }: HandlerMessage): Message {
    return this.#responses.pass(codec.assertResponse(value));
  }
}

function notTheSameKind({ path, method }: Route, { methodKind }: DescMethod): ConnectError {
  const kinds = `${method.methodKind.replace("_", "-")} for the server, and ${methodKind.replace("_", "-")} for the client`;
  const text = `${path} is ${kinds}: their code was not generated from the same file`;
  return new ConnectError(text, Code.Unknown);
}

function tooLarge(bytes: number, option: string, limit: number): ConnectError {
  return new ConnectError(`message size ${bytes} is larger than configured ${option} ${limit}`, Code.ResourceExhausted);
}
