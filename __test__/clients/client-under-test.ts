// A client under test: what it can do, and a server for it to call.
import assert from "node:assert/strict";
import process from "node:process";
import type { TestContext } from "node:test";
import type { EchoResponse } from "../../proto/gen/connectum/test/v1/echo_pb.ts";
import { type EchoServer, startEchoServer } from "../support/echo-server.ts";
import type { Caller, EchoAnswer, EchoCall, EchoRequestInit, Kind } from "./echo-call.ts";

/** A client and what it can do. */
export interface ClientUnderTest {
  readonly name: string;
  /** The content type of its requests, by which the server knows the protocol. */
  readonly speaks: RegExp;
  /** The kinds of call that it supports. Default: all four. */
  readonly kinds?: readonly Kind[];
  /** Whether it shows a response before it has sent all requests. Default: if it supports bidi streams. */
  readonly duplex?: boolean;
  /**
   * Whether trailers may be lost that are not known when a stream's headers leave (docs/differences.md, P-3). Default:
   * no.
   */
  readonly losesTrailers?: boolean;
  /** Milliseconds in which it begins a call. Default 300. */
  readonly deadlineMs?: number;
  /** Makes a client, which has to close its connections at the end of the test. */
  readonly connect: (t: TestContext, url: string) => Caller | Promise<Caller>;
}

/** A call of the client under test, with defaults for what a test does not set; it also collects the responses. */
type Call = (
  kind: Kind,
  requests: EchoRequestInit[] | AsyncIterable<EchoRequestInit>,
  options?: Partial<EchoCall>,
) => Promise<EchoAnswer & { messages: EchoResponse[] }>;

/** Starts a server, and connects the client to it. */
export async function connect(
  t: TestContext,
  client: ClientUnderTest,
  secure: boolean,
): Promise<{ call: Call; server: EchoServer }> {
  // Some clients take their trusted certificates only from this variable, which Node reads when it starts.
  assert.ok(process.env["NODE_EXTRA_CA_CERTS"], "NODE_EXTRA_CA_CERTS is not set: start this by npm run clients");
  const server = await startEchoServer(t, secure);
  const caller = await client.connect(t, server.url);
  return {
    server,
    async call(kind, requests, options = {}) {
      const messages: EchoResponse[] = [];
      const response = await caller({
        kind,
        requests: Array.isArray(requests) ? inTurn(requests) : requests,
        metadata: options.metadata ?? [],
        timeoutMs: options.timeoutMs,
        signal: options.signal ?? new AbortController().signal,
        onMessage(message) {
          messages.push(message);
          options.onMessage?.(message);
        },
      });
      return { ...response, messages };
    },
  };
}

async function* inTurn(requests: EchoRequestInit[]) {
  yield* requests;
}
