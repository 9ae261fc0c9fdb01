// Calls that every client makes, in plaintext and over TLS. Each client's own file translates them for that client.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, ConnectError, decodeBinaryHeader } from "@connectrpc/connect";
import { type EchoResponse, EchoResponseSchema } from "../../proto/gen/connectum/test/v1/echo_pb.ts";
import { FAIL, refusal, WAIT } from "../support/echo-server.ts";
import { eventually } from "../support/eventually.ts";
import { type ClientUnderTest, connect } from "./client-under-test.ts";
import { type EchoRequestInit, type Kind, methods } from "./echo-call.ts";

const allBytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
const text = "grüße, €";
const timeLimit = { timeout: 30_000 };

/** Requests of each kind, and the expected responses: text, index and size of the payload. */
const questions: Record<Kind, { requests: EchoRequestInit[]; answers: [string, number, number][] }> = {
  unary: { requests: [{ text, payload: allBytes }], answers: [[text, 0, 256]] },
  "server stream": {
    requests: [{ text, count: 3, payload: allBytes }],
    answers: [0, 1, 2].map((index) => [text, index, 256]),
  },
  "client stream": { requests: [{ text }, { text: "" }, { text: "c" }], answers: [[`${text},,c`, 0, 0]] },
  "bidi stream": {
    requests: [{ text, payload: allBytes }, { text: "b" }, {}],
    answers: [
      [text, 0, 256],
      ["b", 1, 0],
      ["", 2, 0],
    ],
  },
};

/** Defines the tests of one client. */
export function testClient(client: ClientUnderTest): void {
  const { deadlineMs = 300 } = client;
  const kinds = client.kinds ?? (Object.keys(methods) as Kind[]);
  for (const secure of [false, true]) {
    const title = `${client.name} ${secure ? "over TLS" : "in the clear"}`;

    for (const kind of kinds) {
      /** Whether a value is among the trailers, or is missing where it may be lost. */
      const isTrailer = (actual: string | null, expected: string) =>
        actual === expected || (client.losesTrailers === true && /^(server|bidi)/.test(kind) && actual === null);

      test(`${title}: a ${kind} is answered`, timeLimit, async (t) => {
        const { call, server } = await connect(t, client, secure);
        const { requests, answers } = questions[kind];
        const { messages } = await call(kind, requests);
        assert.deepEqual(
          messages.map((message) => [message.text, message.index, message.payload.byteLength]),
          answers,
        );
        assert.match(server.seen.contentTypes.join(), client.speaks);
        for (const { payload } of messages) if (payload.length > 0) assert.deepEqual(new Uint8Array(payload), allBytes);
      });

      test(`${title}: headers and trailers of a ${kind} go both ways`, timeLimit, async (t) => {
        const { call } = await connect(t, client, secure);
        const { header, trailer } = await call(kind, questions[kind].requests, {
          metadata: [
            ["x-ask", "Kept As It Is"],
            ["x-ask-bin", allBytes],
          ],
        });
        assert.equal(header.get("x-header"), "Kept As It Is");
        assert.ok(isTrailer(trailer.get("x-trailer"), "Kept As It Is"), `${trailer.get("x-trailer")}`);
        const binary = header.get("x-header-bin") ?? "";
        assert.deepEqual(decodeBinaryHeader(binary), allBytes);
        assert.ok(isTrailer(trailer.get("x-trailer-bin"), binary), `${trailer.get("x-trailer-bin")}`);
      });

      test(`${title}: the error of a ${kind} has its code, text, detail and metadata`, timeLimit, async (t) => {
        const { call } = await connect(t, client, secure);
        const before: EchoResponse[] = [];
        const failing = call(kind, [{ text: FAIL, count: 2 }], { onMessage: (message) => void before.push(message) });
        await assert.rejects(failing, (error) => {
          assert.ok(error instanceof ConnectError, String(error));
          assert.deepEqual([error.code, error.rawMessage], [refusal.code, refusal.text]);
          assert.deepEqual(
            error.findDetails(EchoResponseSchema).map((detail) => detail.text),
            [refusal.detail],
          );
          assert.ok(isTrailer(error.metadata.get("x-reason"), refusal.reason), `${error.metadata.get("x-reason")}`);
          return true;
        });
        const expected = { unary: 0, "server stream": 2, "client stream": 0, "bidi stream": 1 };
        assert.equal(before.length, expected[kind], "the messages before the error arrive");
      });
    }

    if (client.duplex ?? kinds.includes("bidi stream")) {
      test(`${title}: a bidi stream is answered while it is asked`, timeLimit, async (t) => {
        const { call } = await connect(t, client, secure);
        let heard = (_: unknown) => {};
        async function* conversation() {
          for (const word of ["one", "two", "three"]) {
            const response = new Promise((resolve) => {
              heard = resolve;
            });
            yield { text: word };
            assert.equal(await response, word);
          }
        }
        const { messages } = await call("bidi stream", conversation(), { onMessage: (message) => heard(message.text) });
        assert.equal(messages.length, 3);
      });
    }

    for (const kind of kinds) {
      test(`${title}: the server is told the deadline of a ${kind}, and both keep it`, timeLimit, async (t) => {
        const { call, server } = await connect(t, client, secure);
        const late = call(kind, [{ text: WAIT, count: 1 }], { timeoutMs: deadlineMs });
        await assert.rejects(late, isError(Code.DeadlineExceeded));
        const [timeoutMs = 0] = server.seen.timeouts;
        assert.ok(timeoutMs > 0 && timeoutMs <= deadlineMs, `the server got ${timeoutMs} ms`);
        await eventually(() => server.seen.aborted.length === 1, "the signal of the handler aborts");
      });

      test(`${title}: a cancelled ${kind} ends in the client and in the handler`, timeLimit, async (t) => {
        const { call, server } = await connect(t, client, secure);
        const controller = new AbortController();
        const canceled = call(kind, [{ text: WAIT, count: 1 }], { signal: controller.signal });
        const rejected = assert.rejects(canceled, isError(Code.Canceled));
        await eventually(() => server.seen.waiting === 1, "the handler begins");
        controller.abort();
        await rejected;
        await eventually(() => server.seen.aborted.length === 1, "the signal of the handler aborts");
        assert.deepEqual(server.seen.aborted, [Code.Canceled]);
      });
    }
  }
}

function isError(code: Code) {
  return (error: unknown) => {
    assert.ok(error instanceof ConnectError, String(error));
    assert.equal(Code[error.code], Code[code], error.message);
    return true;
  };
}
