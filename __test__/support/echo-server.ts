// The echo service for all clients and judges. The text of the first request decides the response.
import type { TestContext } from "node:test";
import { Code, ConnectError, type HandlerContext } from "@connectrpc/connect";
import type { CreateServerOptions, Server } from "@connectum/core";
import { type EchoRequest, EchoResponseSchema } from "../../proto/gen/connectum/test/v1/echo_pb.ts";
import { identity } from "./certificates.ts";
import type { EchoImpl } from "./echo-calls.ts";
import { serveEcho } from "./serve-echo.ts";

/** A request with this text fails. */
export const FAIL = "fail";
/** A call with this text gets no response: its handler waits for its signal. */
export const WAIT = "wait";
/** The error of a failing call. */
export const refusal = {
  code: Code.FailedPrecondition,
  text: "no, not ü and €",
  reason: "because",
  detail: "a detail",
};

/** Requests that the handlers have seen. */
export interface Seen {
  /** Calls that began to wait. */
  waiting: number;
  /** The content type of each call. */
  contentTypes: (string | null)[];
  /** The deadline of each call, in milliseconds after its start. */
  timeouts: (number | undefined)[];
  /** The code with which the signal of each waiting call aborted. */
  aborted: (Code | undefined)[];
}

/** A running echo service. */
export interface EchoServer {
  readonly server: Server;
  readonly url: string;
  readonly seen: Seen;
}

/** Starts it, in plaintext or with the certificate of `localhost`. */
export async function startEchoServer(
  t: TestContext,
  secure: boolean,
  options: Partial<CreateServerOptions> = {},
): Promise<EchoServer> {
  const seen: Seen = { waiting: 0, contentTypes: [], timeouts: [], aborted: [] };
  const { server, port } = await serveEcho(t, handlers(seen), {
    ...options,
    ...(secure && { tls: identity("server") }),
  });
  return { server, url: secure ? `https://localhost:${port}` : `http://127.0.0.1:${port}`, seen };
}

function handlers(seen: Seen): EchoImpl {
  const begin = (context: HandlerContext) => {
    seen.contentTypes.push(context.requestHeader.get("content-type"));
    seen.timeouts.push(context.timeoutMs());
    echoMetadata(context);
  };
  const obey = async ({ text }: EchoRequest, context: HandlerContext) => {
    if (text === FAIL) throw refuse();
    if (text === WAIT) await untilAborted(context.signal, seen);
  };
  const unary = async (request: EchoRequest, context: HandlerContext) => {
    begin(context);
    await obey(request, context);
    return { text: request.text, payload: request.payload };
  };
  return {
    echo: unary,
    echoGet: unary,
    async *echoServerStream(request, context) {
      begin(context);
      for (let index = 0; index < request.count; index += 1) {
        yield { text: request.text, index, payload: request.payload };
      }
      await obey(request, context);
    },
    async echoClientStream(requests, context) {
      begin(context);
      const texts: string[] = [];
      for await (const request of requests) {
        texts.push(request.text);
        await obey(request, context);
      }
      return { text: texts.join(",") };
    },
    async *echoBidiStream(requests, context) {
      begin(context);
      let index = 0;
      for await (const request of requests) {
        yield { text: request.text, index, payload: request.payload };
        index += 1;
        await obey(request, context);
      }
    },
  };
}

/** Returns `x-ask` as header `x-header` and trailer `x-trailer`, and `x-ask-bin` as those with `-bin`. */
function echoMetadata({ requestHeader, responseHeader, responseTrailer }: HandlerContext): void {
  for (const suffix of ["", "-bin"]) {
    const value = requestHeader.get(`x-ask${suffix}`);
    if (value === null) continue;
    responseHeader.set(`x-header${suffix}`, value);
    responseTrailer.set(`x-trailer${suffix}`, value);
  }
}

function refuse(): ConnectError {
  const { code, text, reason, detail } = refusal;
  return new ConnectError(text, code, { "x-reason": reason }, [{ desc: EchoResponseSchema, value: { text: detail } }]);
}

function untilAborted(signal: AbortSignal, seen: Seen): Promise<never> {
  seen.waiting += 1;
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => {
      seen.aborted.push(signal.reason instanceof ConnectError ? signal.reason.code : undefined);
      reject(signal.reason);
    });
  });
}
