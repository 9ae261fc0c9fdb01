// Options of calls, for the whole server and for one service; a service's options replace the server's.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Code, type ConnectError, type ConnectRouter, createClient } from "@connectrpc/connect";
import { compressionBrotli, compressionGzip, createConnectTransport } from "@connectrpc/connect-node";
import type { Compression, MethodOptions, ServiceOptions } from "@connectum/core";
import { EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";
import type { EchoImpl } from "./support/echo-calls.ts";
import { serve } from "./support/serve.ts";
import { protocolClients } from "./support/transports.ts";

const ECHO = "/connectum.test.v1.EchoService/Echo";
const MiB = 1024 * 1024;

const echo: EchoImpl = {
  echo: ({ text, payload }) => ({ text, payload }),
  async *echoServerStream({ text, count }) {
    for (let index = 0; index < count; index += 1) yield { text, index };
  },
};

/** The echo service with options for the server and for the service. */
function serveWith(t: TestContext, server: MethodOptions, service: ServiceOptions, implementation = echo) {
  return serve(t, { services: [(router) => router.service(EchoService, implementation, service)], ...server });
}

/** The places of an option: each has the same effect, and the service's takes precedence over the server's. */
function places<O extends ServiceOptions & MethodOptions>(option: O, overridden: O) {
  return [
    { place: "of the server", server: option, service: {} },
    { place: "of the service", server: {}, service: option },
    { place: "of the service, replacing the server's", server: overridden, service: option },
  ] as const;
}

const text = (length: number) => "a".repeat(length);

/** Resolves to the code of the error, or to the response's length. */
async function outcome(call: Promise<{ text: string }>) {
  return call.then(
    (response) => response.text.length,
    (error: ConnectError) => Code[error.code],
  );
}

for (const { name, transport } of protocolClients) {
  for (const { place, server, service } of places({ readMaxBytes: 100 }, { readMaxBytes: 10 })) {
    // contract: D-options
    test(`${name}: readMaxBytes ${place} limits requests, to the byte`, { timeout: 10_000 }, async (t) => {
      const { url } = await serveWith(t, server, service);
      const client = createClient(EchoService, transport(url));
      // Tag and length of the field take two bytes.
      assert.equal(await outcome(client.echo({ text: text(98) })), 98);
      assert.equal(await outcome(client.echo({ text: text(99) })), "ResourceExhausted");
    });
  }

  // contract: DEC-read-limit
  test(`${name}: the default limit of a request is 4 MiB; with readMaxBytes 0 it may be larger`, {
    timeout: 20_000,
  }, async (t) => {
    const limited = createClient(EchoService, transport((await serveWith(t, {}, {})).url));
    // Tag and length of the field take five bytes.
    assert.equal(await outcome(limited.echo({ text: text(4 * MiB - 5) })), 4 * MiB - 5);
    assert.equal(await outcome(limited.echo({ text: text(4 * MiB - 4) })), "ResourceExhausted");
    const { url } = await serveWith(t, { readMaxBytes: 0 }, {});
    assert.equal(await outcome(createClient(EchoService, transport(url)).echo({ text: text(5 * MiB) })), 5 * MiB);
  });

  for (const { place, server, service } of places({ writeMaxBytes: 10 }, { writeMaxBytes: 1_000 })) {
    // contract: D-options
    test(`${name}: writeMaxBytes ${place} limits responses, and the error names it`, { timeout: 10_000 }, async (t) => {
      const { url, logged } = await serveWith(t, server, service);
      const client = createClient(EchoService, transport(url));
      assert.equal(await outcome(client.echo({ text: text(8) })), 8);
      const refusal = {
        code: Code.ResourceExhausted,
        rawMessage: "message size 11 is larger than configured writeMaxBytes 10",
      };
      await assert.rejects(client.echo({ text: text(9) }), refusal);
      const seen: string[] = [];
      await assert.rejects(async () => {
        // The first has no index, the others two bytes for it.
        for await (const response of client.echoServerStream({ text: text(7), count: 3 })) seen.push(response.text);
      }, refusal);
      assert.equal(seen.length, 1);
      assert.deepEqual(logged, []);
    });
  }

  for (const { place, server, service } of places({ maxTimeoutMs: 1_000 }, { maxTimeoutMs: 10 })) {
    // contract: D-options
    test(`${name}: maxTimeoutMs ${place} rejects longer timeouts`, { timeout: 10_000 }, async (t) => {
      const { url } = await serveWith(t, server, service);
      const client = createClient(EchoService, transport(url));
      assert.equal(await outcome(client.echo({ text: "a" }, { timeoutMs: 900 })), 1);
      assert.equal(await outcome(client.echo({ text: "a" })), 1);
      assert.equal(await outcome(client.echo({ text: "a" }, { timeoutMs: 1_001 })), "InvalidArgument");
    });
  }
}

/** A Connect unary call that shows what is on the wire. */
async function post(url: string, body: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${url}${ECHO}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
  });
  return {
    status: response.status,
    encoding: response.headers.get("content-encoding"),
    accepts: response.headers.get("accept-encoding"),
    body: await response.text(),
  };
}

const json = (length: number) => JSON.stringify({ text: text(length) });

for (const { place, server, service } of places({ compressMinBytes: 50 }, { compressMinBytes: 0 })) {
  // contract: D-options
  test(`compressMinBytes ${place} leaves smaller responses uncompressed`, { timeout: 10_000 }, async (t) => {
    const { url } = await serveWith(t, server, service);
    const accepting = { "accept-encoding": "gzip" };
    const overhead = json(0).length;
    assert.equal((await post(url, json(49 - overhead), accepting)).encoding, null);
    assert.equal((await post(url, json(50 - overhead), accepting)).encoding, "gzip");
    assert.equal((await post(url, json(50), { "accept-encoding": "identity" })).encoding, null);
  });
}

test("by default responses of 1,024 bytes and more are compressed", { timeout: 10_000 }, async (t) => {
  const { url } = await serveWith(t, {}, {});
  const overhead = json(0).length;
  for (const encoding of ["gzip", "br"]) {
    const accepting = { "accept-encoding": encoding };
    assert.equal((await post(url, json(1_023 - overhead), accepting)).encoding, null);
    const { body, encoding: used } = await post(url, json(1_024 - overhead), accepting);
    assert.deepEqual([used, body], [encoding, json(1_024 - overhead)]);
  }
});

for (const { place, server, service } of places(
  { acceptCompression: [compressionBrotli], compressMinBytes: 0 },
  { acceptCompression: [compressionGzip], compressMinBytes: 0 },
)) {
  // contract: D-options
  test(`acceptCompression ${place} applies to requests and responses`, { timeout: 10_000 }, async (t) => {
    const { url } = await serveWith(t, server, service);
    assert.equal((await post(url, json(10), { "accept-encoding": "gzip, br" })).encoding, "br");
    assert.equal((await post(url, json(10), { "accept-encoding": "gzip" })).encoding, null);
    const sending = (sendCompression: Compression) => {
      const options = { baseUrl: url, httpVersion: "1.1", sendCompression, compressMinBytes: 0 } as const;
      return createClient(EchoService, createConnectTransport(options)).echo({ text: "a" });
    };
    assert.equal((await sending(compressionBrotli)).text, "a");
    await assert.rejects(sending(compressionGzip), (error: ConnectError) => {
      assert.equal(error.code, Code.Unimplemented);
      assert.match(error.rawMessage, /gzip/, "the encoding that was sent");
      assert.match(error.rawMessage, /\bbr\b/, "the encoding that is supported");
      return true;
    });
  });
}

test("an empty acceptCompression turns compression off", { timeout: 10_000 }, async (t) => {
  const { url } = await serveWith(t, { acceptCompression: [], compressMinBytes: 0 }, {});
  assert.equal((await post(url, json(10), { "accept-encoding": "gzip, br, zstd" })).encoding, null);
});

for (const { place, server, service } of places(
  { requireConnectProtocolHeader: true },
  { requireConnectProtocolHeader: false },
)) {
  // contract: D-options
  test(`requireConnectProtocolHeader ${place} rejects requests without the header`, { timeout: 10_000 }, async (t) => {
    const { url } = await serveWith(t, server, service);
    const { status, body } = await post(url, "{}");
    assert.deepEqual([status, JSON.parse(body).code], [400, "invalid_argument"]);
    assert.equal((await post(url, "{}", { "connect-protocol-version": "1" })).status, 200);
  });
}

test("requireConnectProtocolHeader of a service can turn the server's off", { timeout: 10_000 }, async (t) => {
  const { url } = await serveWith(t, { requireConnectProtocolHeader: true }, { requireConnectProtocolHeader: false });
  assert.equal((await post(url, "{}")).status, 200);
});

for (const { place, server, service } of places(
  { jsonOptions: { alwaysEmitImplicit: true } },
  { jsonOptions: { useProtoFieldName: true } },
)) {
  // contract: O-jsonOptions, D-options, DEC-json
  test(`jsonOptions ${place} apply as in protobuf-es`, { timeout: 10_000 }, async (t) => {
    const { url } = await serveWith(t, server, service);
    assert.deepEqual(JSON.parse((await post(url, "{}")).body), { text: "", index: 0, payload: "" });
  });
}

// contract: O-jsonOptions
test("jsonOptions apply to services that protocols register", { timeout: 10_000 }, async (t) => {
  const register = (router: ConnectRouter) => void router.service(EchoService, { echo: ({ text }) => ({ text }) });
  const jsonOptions = { alwaysEmitImplicit: true };
  const { url } = await serve(t, { services: [], protocols: [{ name: "p", register }], jsonOptions });
  assert.deepEqual(JSON.parse((await post(url, "{}")).body), { text: "", index: 0, payload: "" });
});

// contract: O-jsonOptions
test("a service's jsonOptions replace the server's, they are not merged", { timeout: 10_000 }, async (t) => {
  const { url } = await serveWith(
    t,
    { jsonOptions: { alwaysEmitImplicit: true, ignoreUnknownFields: false } },
    { jsonOptions: { useProtoFieldName: true } },
  );
  assert.equal((await post(url, `{"unknown":1}`)).body, "{}");
  const { url: other } = await serveWith(t, { jsonOptions: { alwaysEmitImplicit: true } }, { readMaxBytes: 1_000 });
  assert.equal(JSON.parse((await post(other, "{}")).body).index, 0, "other options of the service leave them in force");
});

test("unknown JSON fields are ignored unless ignoreUnknownFields is false", { timeout: 10_000 }, async (t) => {
  const lenient = await serveWith(t, {}, {});
  assert.equal((await post(lenient.url, `{"text":"a","unknown":1}`)).status, 200);
  const strict = await serveWith(t, { jsonOptions: { ignoreUnknownFields: false } }, {});
  const { status, body } = await post(strict.url, `{"text":"a","unknown":1}`);
  assert.equal(status, 400);
  assert.deepEqual(JSON.parse(body).code, "invalid_argument");
  assert.match(JSON.parse(body).message, /unknown/);
});

for (const { place, server, service } of places(
  { binaryOptions: { writeUnknownFields: false } },
  { binaryOptions: { writeUnknownFields: true } },
)) {
  // contract: D-options
  test(`binaryOptions ${place} apply as in protobuf-es`, { timeout: 10_000 }, async (t) => {
    const { url } = await serveWith(t, server, service, {
      echo: ({ $unknown, text }) => ({
        $typeName: "connectum.test.v1.EchoResponse",
        text,
        index: $unknown?.length ?? 0,
        payload: new Uint8Array(),
        ...($unknown && { $unknown }),
      }),
    });
    // Field 15, a varint, which the request does not have.
    const response = await fetch(`${url}${ECHO}`, {
      method: "POST",
      headers: { "content-type": "application/proto" },
      body: new Uint8Array([0x78, 0x01]),
    });
    // Only that one unknown field was there, and it is not written.
    assert.deepEqual([...new Uint8Array(await response.arrayBuffer())], [0x10, 0x01]);
  });
}
