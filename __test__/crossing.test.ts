// Message and header sizes around the limits at which they cross between Rust and JavaScript in or outside a batch.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient } from "@connectrpc/connect";
import { MAX_INLINE_BYTES } from "@connectum/native";
import { EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";
import { deferred } from "./support/deferred.ts";
import { collect } from "./support/echo-calls.ts";
import { failOnProcessFaults } from "./support/process-faults.ts";
import { serveEcho } from "./support/serve-echo.ts";
import { protocolClients } from "./support/transports.ts";

failOnProcessFaults();

/** The longest text in a message that crosses with others: the field has a byte of tag and three of length. */
const MAX_INLINE_TEXT = MAX_INLINE_BYTES - 4;

/** Around the limits of a batch, of a message in it, and of a window. */
const SIZES = [
  ...[0, 1, 127, 128, 8_180, 8_192, 8_193],
  ...[MAX_INLINE_TEXT - 80, MAX_INLINE_TEXT, MAX_INLINE_TEXT + 1, MAX_INLINE_BYTES],
  ...[40_000, 65_536, 131_072, 1_000_000],
];

/** Every text is different, so that a message of another call, or a part of one, is noticed. */
function text(size: number, index = 0): string {
  const mark = `${index}:${size}:`;
  return size < mark.length
    ? "x".repeat(size)
    : mark + String.fromCharCode(97 + (index % 26)).repeat(size - mark.length);
}

async function* allTexts() {
  for (const [index, size] of SIZES.entries()) yield { text: text(size, index) };
}

for (const { name, transport } of protocolClients) {
  test(`${name}: messages of every size arrive complete and in order, in both directions`, {
    timeout: 60_000,
  }, async (t) => {
    const seen: string[] = [];
    const { url } = await serveEcho(t, {
      echo: ({ text }) => ({ text }),
      async *echoServerStream() {
        yield* allTexts();
      },
      async echoClientStream(requests) {
        for await (const request of requests) seen.push(request.text);
        return { text: String(seen.length) };
      },
    });
    const client = createClient(EchoService, transport(url));
    await Promise.all(
      SIZES.map(async (size, index) => {
        assert.equal((await client.echo({ text: text(size, index) })).text, text(size, index));
      }),
    );
    const received: string[] = [];
    for await (const response of client.echoServerStream({})) received.push(response.text);
    const expected = SIZES.map((size, index) => text(size, index));
    assert.deepEqual(received, expected);
    assert.equal((await client.echoClientStream(allTexts())).text, String(SIZES.length));
    assert.deepEqual(seen, expected);
  });

  test(`${name}: a long call keeps its URL, headers and deadline while many others begin and end`, {
    timeout: 60_000,
  }, async (t) => {
    const { promise: released, resolve: release } = deferred();
    const { url } = await serveEcho(t, {
      // The rest of a destructured context belongs to the call as well.
      echo: ({ text }, { requestHeader, ...rest }) => ({
        text: `${text} ${requestHeader.get("x-mine")} ${rest.timeoutMs()}`,
      }),
      // Reads its context late.
      async echoGet({ text }, context) {
        await released;
        const remaining = context.timeoutMs() ?? 0;
        const deadline = remaining > 60_000 && remaining <= 120_000 ? "its deadline" : `a deadline in ${remaining} ms`;
        return { text: `${text} ${context.requestHeader.get("x-mine")} ${new URL(context.url).pathname} ${deadline}` };
      },
    });
    const client = createClient(EchoService, transport(url));
    const long = [1, 2, 3].map((index) =>
      client.echoGet({ text: `long ${index}` }, { headers: { "x-mine": `${index}` }, timeoutMs: 120_000 }),
    );
    // Several blocks of memory are used up.
    for (let round = 0; round < 20; round += 1) {
      const calls = Array.from({ length: 100 }, (_, at) => `${round}.${at}`);
      const answers = await Promise.all(
        calls.map((mine) => client.echo({ text: mine }, { headers: { "x-mine": mine } })),
      );
      assert.deepEqual(
        answers.map(({ text }) => text),
        calls.map((mine) => `${mine} ${mine} undefined`),
      );
    }
    release();
    const answers = (await Promise.all(long)).map(({ text }) => text);
    const path = `/${EchoService.typeName}/EchoGet`;
    assert.deepEqual(
      answers,
      [1, 2, 3].map((index) => `long ${index} ${index} ${path} its deadline`),
    );
  });

  test(`${name}: streams of all sizes arrive complete although their readers pause`, {
    timeout: 60_000,
  }, async (t) => {
    const MESSAGES = 150;
    const sizeOf = (stream: number, index: number) => SIZES[(stream * 7 + index * 3) % 11] ?? 0;
    const { url } = await serveEcho(t, {
      async *echoServerStream({ count }) {
        for (let index = 0; index < MESSAGES; index += 1) {
          if (index % 40 === 39) await new Promise((resolve) => setImmediate(resolve));
          yield { text: text(sizeOf(count, index), index), index };
        }
      },
    });
    const client = createClient(EchoService, transport(url));
    const read = async (stream: number) => {
      let next = 0;
      for await (const { text: received, index } of client.echoServerStream({ count: stream })) {
        if (next % 25 === stream) await new Promise((resolve) => setTimeout(resolve, 5));
        assert.ok(
          index === next && received === text(sizeOf(stream, index), index),
          `stream ${stream}, message ${next}`,
        );
        next += 1;
      }
      assert.equal(next, MESSAGES);
    };
    await Promise.all(Array.from({ length: 12 }, (_, stream) => read(stream)));
  });

  test(`${name}: large headers arrive complete, with small messages and with large ones`, {
    timeout: 20_000,
  }, async (t) => {
    const { url } = await serveEcho(t, {
      echo: ({ text }, { requestHeader }) => ({ text: `${text} ${requestHeader.get("x-large")}` }),
      async *echoServerStream(_, { requestHeader }) {
        yield { text: requestHeader.get("x-large") ?? "" };
      },
    });
    const client = createClient(EchoService, transport(url));
    const headers = { "x-large": text(12_000) };
    assert.equal((await client.echo({ text: "a" }, { headers })).text, `a ${text(12_000)}`);
    assert.equal((await client.echo({ text: text(20_000) }, { headers })).text, `${text(20_000)} ${text(12_000)}`);
    const received = await collect(client.echoServerStream({}, { headers }));
    assert.deepEqual(received, [[text(12_000), 0]]);
  });
}
