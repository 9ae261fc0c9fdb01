// `trustedProxies`: from whom `forwarded` and `x-forwarded-for` set `peer.client`.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { type TestContext, test } from "node:test";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { type Context, type CreateServerOptions, createServer, type Peer, peerKey } from "@connectum/core";
import { EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";
import { plainClients } from "./support/plain-http.ts";
import { proxyV1 } from "./support/proxy-header.ts";
import { exchangeHttp1, type Field, http1Request } from "./support/raw-http1.ts";
import { serve } from "./support/serve.ts";
import { serveEcho } from "./support/serve-echo.ts";
import { getHttp1, socketPath } from "./support/unix-socket.ts";

/** The peer that `fetch` gets for a request with these headers. */
async function peerOf(t: TestContext, headers: readonly Field[], options: Partial<CreateServerOptions> = {}) {
  const peers: Peer[] = [];
  const fetch: CreateServerOptions["fetch"] = (_, { peer }) => {
    peers.push(peer);
    return new Response();
  };
  const { port } = await serve(t, { services: [], fetch, ...options });
  const request = http1Request({ method: "GET", target: "/", headers: [["host", "localhost"], ...headers] });
  const header = options.proxyProtocol === true ? proxyV1("10.0.0.1", 4242) : Buffer.alloc(0);
  const { status } = await exchangeHttp1(port, Buffer.concat([header, request]));
  assert.equal(status, 200);
  return peers[0] as Peer;
}

const trustedProxies = ["127.0.0.0/8", "10.0.0.0/8"];

for (const [what, headers, client] of [
  ["nothing", [], undefined],
  ["x-forwarded-for", [["x-forwarded-for", "192.0.2.9"]], "192.0.2.9"],
  ["forwarded", [["forwarded", 'for="[2001:db8::9]:4711";proto=https']], "2001:db8::9"],
  ["a chain of trusted proxies", [["x-forwarded-for", "192.0.2.9, 10.0.0.7, 10.0.0.8"]], "192.0.2.9"],
  ["what the client has sent itself", [["x-forwarded-for", "6.6.6.6, 192.0.2.9"]], "192.0.2.9"],
  [
    "fields of several lines",
    [
      ["x-forwarded-for", "6.6.6.6"],
      ["x-forwarded-for", "192.0.2.9, 10.0.0.7"],
    ],
    "192.0.2.9",
  ],
  ["what is no address", [["x-forwarded-for", "192.0.2.9, unknown"]], undefined],
  [
    "another field that the client has sent itself",
    [
      ["forwarded", "for=6.6.6.6"],
      ["x-forwarded-for", "192.0.2.9"],
    ],
    undefined,
  ],
] satisfies [string, Field[], string | undefined][]) {
  // contract: PE-client
  test(`a trusted proxy sends ${what}`, { timeout: 10_000 }, async (t) => {
    const peer = await peerOf(t, headers, { trustedProxies });
    assert.deepEqual([peer.client, peer.address], [client, "127.0.0.1"]);
  });
}

for (const [what, options] of [
  ["without the option", {}],
  ["with an empty list", { trustedProxies: [] }],
  ["from a proxy that is not in it", { trustedProxies: ["10.0.0.0/8", "::1", "unix"] }],
] satisfies [string, Partial<CreateServerOptions>][]) {
  // contract: PE-client
  test(`${what} the fields are the client's own, and do not count`, { timeout: 10_000 }, async (t) => {
    const headers: Field[] = [
      ["forwarded", "for=6.6.6.6"],
      ["x-forwarded-for", "6.6.6.6"],
    ];
    assert.equal((await peerOf(t, headers, options)).client, undefined);
  });
}

test("an address that a PROXY header tells must be one of them", { timeout: 10_000 }, async (t) => {
  const headers: Field[] = [["x-forwarded-for", "192.0.2.9"]];
  const told = await peerOf(t, headers, { proxyProtocol: true, trustedProxies: ["10.0.0.0/8"] });
  assert.deepEqual([told.client, told.address], ["192.0.2.9", "10.0.0.1"]);
  const other = await peerOf(t, headers, { proxyProtocol: true, trustedProxies: ["127.0.0.1"] });
  assert.equal(other.client, undefined);
});

test("clients of Unix sockets are trusted as unix", { timeout: 10_000 }, async (t) => {
  for (const [trustedProxies, client] of [
    [["unix"], "192.0.2.9"],
    [["127.0.0.0/8"], undefined],
  ] as const) {
    const path = socketPath(t);
    const peers: Peer[] = [];
    const fetch: CreateServerOptions["fetch"] = (_, { peer }) => {
      peers.push(peer);
      return new Response();
    };
    const server = createServer({ path, services: [], fetch, trustedProxies });
    await server.start();
    t.after(() => server.stop());
    const socket = connect(path);
    const headers: Field[] = [
      ["host", "localhost"],
      ["x-forwarded-for", "192.0.2.9"],
    ];
    socket.write(http1Request({ method: "GET", target: "/", headers }));
    await once(socket, "data");
    socket.destroy();
    assert.equal(peers[0]?.client, client);
    assert.equal((await getHttp1(path)).status, 200);
    assert.equal(peers[1]?.client, undefined);
  }
});

for (const httpVersion of ["1.1", "2"] as const) {
  test(`handlers and interceptors of RPCs see it over HTTP/${httpVersion}`, { timeout: 10_000 }, async (t) => {
    const seen: (string | undefined)[] = [];
    const echo = (_: unknown, { peer }: Context) => {
      seen.push(peer.client);
      return {};
    };
    const { url } = await serveEcho(
      t,
      { echo: echo as never },
      {
        trustedProxies,
        interceptors: [
          (next) => (request) => {
            seen.push(request.contextValues.get(peerKey).client);
            return next(request);
          },
        ],
      },
    );
    const client = createClient(EchoService, createConnectTransport({ baseUrl: url, httpVersion }));
    // One connection: what one request says is not the next one's.
    for (const address of ["192.0.2.9", "192.0.2.10"]) {
      await client.echo({}, { headers: { "x-forwarded-for": address } });
    }
    assert.deepEqual(seen, ["192.0.2.9", "192.0.2.9", "192.0.2.10", "192.0.2.10"]);
  });
}

for (const { name, secure, send } of plainClients) {
  if (secure) continue;
  test(`${name}: names of fields count in any case of letters`, { timeout: 10_000 }, async (t) => {
    const peers: Peer[] = [];
    const fetch: CreateServerOptions["fetch"] = (_, { peer }) => {
      peers.push(peer);
      return new Response();
    };
    const { port } = await serve(t, { services: [], fetch, trustedProxies: ["127.0.0.1", "::1"] });
    await send(port, { path: "/", headers: { "X-Forwarded-For": "192.0.2.9" } });
    assert.equal(peers[0]?.client, "192.0.2.9");
  });
}
