// One stream of questions to the reflection service of a server, v1 or, where there is none, v1alpha.
import { readFileSync } from "node:fs";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import {
  ServerReflection,
  type ServerReflectionRequest,
  type ServerReflectionResponse,
} from "../../gen/grpc/reflection/v1/reflection_pb.js";
import { ServerReflection as ServerReflectionAlpha } from "../../gen/grpc/reflection/v1alpha/reflection_pb.js";
import { CliError } from "../failures/cli-error.ts";
import { type Connection, DEFAULT_TIMEOUT_MS } from "./connect-options.ts";
import { explain } from "./explain.ts";

/** The content of a request. */
type Question = ServerReflectionRequest["messageRequest"];
/** The content of a response. */
export type Answer = ServerReflectionResponse["messageResponse"];

/** Asks one question after the other. */
export type Ask = (question: Question) => Promise<Answer>;

/**
 * Lets `use` ask a server. The connection is closed at its end.
 *
 * @throws CliError for a server that cannot be asked; whatever `use` throws
 */
export async function withReflection<T>(connection: Connection, use: (ask: Ask) => Promise<T>): Promise<T> {
  const nodeOptions = {
    rejectUnauthorized: !connection.insecure,
    ...(connection.ca !== undefined && { ca: readFileSync(connection.ca) }),
  };
  const sessionManager = new Http2SessionManager(connection.url, {}, nodeOptions);
  const transport = createGrpcTransport({ baseUrl: connection.url, sessionManager, nodeOptions });
  const timeoutMs = connection.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const headers = (connection.headers ?? []).map(([name, value]): [string, string] => [name, value]);
  const attempt = async (service: typeof ServerReflection) => {
    const client = createClient(service, transport);
    const questions = new Questions();
    const answers = client.serverReflectionInfo(questions, { headers, timeoutMs })[Symbol.asyncIterator]();
    try {
      return await use(async (question) => {
        questions.put(question);
        const { value, done } = await answers.next();
        if (done) throw new ConnectError("the server has ended the stream", Code.Unavailable);
        return value.messageResponse;
      });
    } finally {
      questions.end();
      await answers.return?.();
    }
  };
  try {
    try {
      return await attempt(ServerReflection);
    } catch (error) {
      if (ConnectError.from(error).code !== Code.Unimplemented || error instanceof CliError) throw error;
    }
    // The messages are the same; only the name of the service differs.
    return await attempt(ServerReflectionAlpha as unknown as typeof ServerReflection);
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw await explain(error, connection, timeoutMs);
  } finally {
    sessionManager.abort();
  }
}

/** The questions as a stream, each sent when it is asked. */
class Questions implements AsyncIterable<ServerReflectionRequest> {
  readonly #waiting: Question[] = [];
  #wake: () => void = () => {};
  #hasEnded = false;

  put(question: Question): void {
    this.#waiting.push(question);
    this.#wake();
  }

  end(): void {
    this.#hasEnded = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ServerReflectionRequest> {
    while (true) {
      const messageRequest = this.#waiting.shift();
      if (messageRequest !== undefined) {
        yield { $typeName: "grpc.reflection.v1.ServerReflectionRequest", host: "", messageRequest };
      } else if (this.#hasEnded) {
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }
}
