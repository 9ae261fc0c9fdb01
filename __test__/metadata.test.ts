// Headers and trailers, in both directions, in every protocol.
import assert from "node:assert/strict";
import { connect as connectHttp2 } from "node:http2";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Code, ConnectError, createClient, decodeBinaryHeader, encodeBinaryHeader } from "@connectrpc/connect";
import { EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";
import { deferred } from "./support/deferred.ts";
import { type EchoClient, texts } from "./support/echo-calls.ts";
import { END_STREAM, envelope, splitEnvelopes } from "./support/envelope.ts";
import { failOnProcessFaults } from "./support/process-faults.ts";
import { serveEcho } from "./support/serve-echo.ts";
import { fetchClients, nodeClients, protocolClients } from "./support/transports.ts";

failOnProcessFaults();

const ECHO = "/connectum.test.v1.EchoService/Echo";

interface Seen {
  header?: Headers;
  trailer?: Headers;
}

/** Call options that store the received headers and trailers. */
function keeping(seen: Seen) {
  return {
    onHeader: (header: Headers) => {
      seen.header = header;
    },
    onTrailer: (trailer: Headers) => {
      seen.trailer = trailer;
    },
  };
}

/** A call of each kind. */
const kinds: Record<string, (client: EchoClient, options: ReturnType<typeof keeping>) => Promise<unknown>> = {
  unary: (client, options) => client.echo({}, options),
  "server stream": async (client, options) => {
    for await (const _ of client.echoServerStream({}, options));
  },
  "client stream": (client, options) => client.echoClientStream(texts("a"), options),
  "bidi stream": async (client, options) => {
    for await (const _ of client.echoBidiStream(texts("a"), options));
  },
};

const binary = new Uint8Array([0, 1, 127, 128, 255]);

for (const { name, protocol, httpVersion, transport } of [...nodeClients, ...fetchClients]) {
  const isFetch = name.endsWith("fetch");
  for (const [kind, call] of Object.entries(kinds)) {
    if (isFetch && (kind === "client stream" || kind === "bidi stream")) continue;
    // contract: K1
    test(`${name}: headers and trailers of a ${kind} arrive`, { timeout: 10_000 }, async (t) => {
      const respond = ({ responseHeader, responseTrailer }: { responseHeader: Headers; responseTrailer: Headers }) => {
        responseHeader.append("x-many", "one");
        responseHeader.append("x-many", "two");
        responseHeader.set("x-bytes-bin", encodeBinaryHeader(binary));
        responseHeader.set("x-empty", "");
        responseTrailer.append("x-end", "one");
        responseTrailer.append("x-end", "two");
        responseTrailer.set("x-end-bin", encodeBinaryHeader(binary));
        return { text: "answer" };
      };
      const { url } = await serveEcho(t, {
        echo: (_, context) => respond(context),
        echoClientStream: async (_, context) => respond(context),
        async *echoServerStream(_, context) {
          yield respond(context);
        },
        async *echoBidiStream(_, context) {
          yield respond(context);
        },
      });
      const seen: Seen = {};
      await call(createClient(EchoService, transport(url)), keeping(seen));
      const { header = assert.fail("no headers"), trailer = assert.fail("no trailers") } = seen;
      assert.equal(header.get("x-many"), "one, two");
      assert.deepEqual(decodeBinaryHeader(header.get("x-bytes-bin") ?? ""), binary);
      assert.equal(header.get("x-empty"), "");
      // gRPC over HTTP/1.1 declares trailers in the headers; a stream sends those with its first message.
      const mayBeLost =
        protocol === "grpc" && httpVersion === "1.1" && kind.endsWith("stream") && kind !== "client stream";
      if (mayBeLost && trailer.get("x-end") === null) return;
      assert.equal(trailer.get("x-end"), "one, two");
      assert.deepEqual(decodeBinaryHeader(trailer.get("x-end-bin") ?? ""), binary);
    });
  }

  // contract: K1
  test(`${name}: request headers arrive, repeated and binary ones too`, { timeout: 10_000 }, async (t) => {
    let seen = new Headers();
    const { url } = await serveEcho(t, {
      echo(_, { requestHeader }) {
        seen = requestHeader;
        return {};
      },
    });
    const headers = new Headers({ "x-bytes-bin": encodeBinaryHeader(binary), "X-Upper": "Kept As It Is" });
    headers.append("x-many", "one");
    headers.append("x-many", "two");
    await createClient(EchoService, transport(url)).echo({}, { headers });
    assert.equal(seen.get("x-many"), "one, two");
    assert.equal(seen.get("x-upper"), "Kept As It Is");
    assert.deepEqual(decodeBinaryHeader(seen.get("x-bytes-bin") ?? ""), binary);
    assert.ok(seen.has("content-type"), "headers of the protocol are visible, too");
    assert.equal(
      [...seen.keys()].find((key) => key.startsWith(":")),
      undefined,
      "pseudo headers are no headers",
    );
  });

  // contract: DEC-marker
  test(`${name}: the marker of in-process calls cannot be forged`, { timeout: 10_000 }, async (t) => {
    let seen: string | null = "nothing was called";
    const { url } = await serveEcho(t, {
      echo(_, { requestHeader }) {
        seen = requestHeader.get("connectum-internal-transport");
        return {};
      },
    });
    const headers = { "Connectum-Internal-Transport": "in-process" };
    await createClient(EchoService, transport(url)).echo({}, { headers });
    assert.equal(seen, null);
  });
}

for (const { name, transport } of protocolClients) {
  test(`${name}: headers are sent with the first message, neither earlier nor later`, {
    timeout: 10_000,
  }, async (t) => {
    const { promise: goneOn, resolve: goOn } = deferred();
    const { url } = await serveEcho(t, {
      async *echoServerStream(_, { responseHeader, responseTrailer }) {
        await sleep(20); // Headers that left before the first message would have left by then.
        responseHeader.set("x-set", "before the first message");
        yield { text: "first" };
        responseHeader.set("x-set", "too late");
        responseHeader.set("x-late", "too late");
        await goneOn;
        responseTrailer.set("x-end", "set at the end");
        yield { text: "second" };
      },
    });
    const seen: Seen = {};
    const messages: string[] = [];
    for await (const { text } of createClient(EchoService, transport(url)).echoServerStream({}, keeping(seen))) {
      messages.push(text);
      assert.equal(seen.header?.get("x-set"), "before the first message");
      assert.equal(seen.header?.get("x-late"), null);
      goOn();
    }
    assert.deepEqual(messages, ["first", "second"]);
    assert.equal(seen.trailer?.get("x-end"), "set at the end");
  });

  test(`${name}: headers and trailers are sent with an error, too`, { timeout: 10_000 }, async (t) => {
    const fail = ({ responseHeader, responseTrailer }: { responseHeader: Headers; responseTrailer: Headers }) => {
      responseHeader.set("x-header", "header");
      responseTrailer.set("x-trailer", "trailer");
      throw new ConnectError("no", Code.Aborted, { "x-metadata": "metadata" });
    };
    const { url } = await serveEcho(t, {
      echo: (_, context) => fail(context),
      // biome-ignore lint/correctness/useYield: it fails before its first message
      async *echoServerStream(_, context) {
        fail(context);
      },
    });
    const client = createClient(EchoService, transport(url));
    const read = async () => {
      for await (const _ of client.echoServerStream({}));
    };
    for (const call of [client.echo({}), read()]) {
      await assert.rejects(call, (error) => {
        assert.ok(error instanceof ConnectError);
        assert.equal(error.metadata.get("x-metadata"), "metadata");
        // The place of an error's trailers depends on the protocol, but every protocol has one.
        const trailer = error.metadata.get("x-trailer") ?? error.metadata.get("trailer-x-trailer");
        assert.equal(trailer, "trailer");
        return true;
      });
    }
  });

  for (const reserved of [
    "content-type",
    "content-length",
    "content-encoding",
    "connect-content-encoding",
    "transfer-encoding",
    "connection",
    "grpc-status",
    "grpc-message",
    "grpc-status-details-bin",
    "grpc-encoding",
    "trailer",
    "te",
    "upgrade",
    "host",
    "date",
  ]) {
    test(`${name}: ${reserved} belongs to the protocol; a handler that sets it breaks nothing`, {
      timeout: 10_000,
    }, async (t) => {
      const value = reserved === "grpc-status" ? "0" : reserved === "content-length" ? "3" : "chunked";
      const set = ({ responseHeader, responseTrailer }: { responseHeader: Headers; responseTrailer: Headers }) => {
        responseHeader.set(reserved, value);
        responseTrailer.set(reserved, value);
      };
      const { url } = await serveEcho(t, {
        echo(_, context) {
          set(context);
          return { text: "answer" };
        },
        echoGet(_, context) {
          set(context);
          throw new ConnectError("no", Code.Aborted, { [reserved]: value });
        },
        async *echoServerStream(_, context) {
          set(context);
          yield { text: "answer" };
          throw new ConnectError("no", Code.Aborted, { [reserved]: value });
        },
      });
      const client = createClient(EchoService, transport(url));
      const aborted = { code: Code.Aborted, rawMessage: "no" };
      assert.equal((await client.echo({})).text, "answer");
      await assert.rejects(client.echoGet({}), aborted);
      const messages: string[] = [];
      await assert.rejects(async () => {
        for await (const { text } of client.echoServerStream({})) messages.push(text);
      }, aborted);
      assert.deepEqual(messages, ["answer"]);
    });
  }

  test(`${name}: invalid metadata is omitted, and the error arrives`, { timeout: 10_000 }, async (t) => {
    const { url } = await serveEcho(t, {
      echo() {
        const error = new ConnectError("no", Code.Aborted);
        // A Map is like Headers at first sight.
        const metadata = new Map([
          ["x-euro", "€"],
          ["x-line", "a\r\nx-injected: yes"],
          ["bad name", "a"],
          ["", "a"],
          ["x-good", "good"],
        ]);
        throw Object.assign(error, { metadata });
      },
    });
    await assert.rejects(createClient(EchoService, transport(url)).echo({}), (error) => {
      assert.ok(error instanceof ConnectError);
      assert.deepEqual([error.code, error.rawMessage], [Code.Aborted, "no"]);
      const names = ["x-euro", "x-line", "x-injected", "x-good"];
      assert.deepEqual(
        names.map((key) => error.metadata.get(key)),
        [null, null, null, "good"],
      );
      return true;
    });
  });
}

test("header values are bytes: Latin-1 in both directions, whether UTF-8 or not", { timeout: 10_000 }, async (t) => {
  let seen: string | null = null;
  const { port } = await serveEcho(t, {
    echo(_, { requestHeader, responseHeader }) {
      seen = requestHeader.get("x-latin");
      responseHeader.set("x-back", seen ?? "");
      return {};
    },
  });
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  t.after(() => session.destroy());
  for (const value of ["caf\u00e9", "\u00ff\u0080", "\u00c3\u00a9"]) {
    const stream = session.request({
      ":method": "POST",
      ":path": ECHO,
      "content-type": "application/json",
      "x-latin": value,
    });
    const header = await new Promise<Record<string, unknown>>((resolve, reject) => {
      stream.once("error", reject).once("response", (received) => resolve({ ...received }));
      stream.end("{}");
    });
    stream.resume();
    assert.equal(seen, value);
    assert.equal(header["x-back"], value);
  }
});

test("a Connect unary response has its trailers as headers with the prefix trailer-", {
  timeout: 10_000,
}, async (t) => {
  const { url } = await serveEcho(t, {
    echo(_, { responseHeader, responseTrailer }) {
      responseHeader.set("x-header", "h");
      responseTrailer.set("x-end", "e");
      return {};
    },
  });
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${url}${ECHO}`, { method: "POST", headers, body: "{}" });
  assert.deepEqual([response.headers.get("x-header"), response.headers.get("trailer-x-end")], ["h", "e"]);
  assert.equal(response.headers.get("x-end"), null);
  assert.equal(await response.text(), "{}");
});

test("a Connect stream has its trailers in the message that ends it", { timeout: 10_000 }, async (t) => {
  const { url } = await serveEcho(t, {
    async *echoServerStream(_, { responseTrailer }) {
      responseTrailer.append("x-end", "one");
      responseTrailer.append("x-end", "two");
      yield { text: "a" };
    },
  });
  const response = await fetch(`${url}/connectum.test.v1.EchoService/EchoServerStream`, {
    method: "POST",
    headers: { "content-type": "application/connect+json" },
    body: envelope(Buffer.from("{}")),
  });
  const { envelopes } = splitEnvelopes(new Uint8Array(await response.arrayBuffer()));
  assert.deepEqual(
    envelopes.map(({ flags }) => flags),
    [0, END_STREAM],
  );
  const { metadata, error } = JSON.parse(Buffer.from(envelopes[1]?.data ?? []).toString()) as Record<string, unknown>;
  assert.equal(error, undefined);
  const values = (metadata as Record<string, string[]>)["x-end"] ?? [];
  assert.equal(values.join(", "), "one, two");
});
