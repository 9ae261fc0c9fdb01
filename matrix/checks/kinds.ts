// The four kinds of calls, over three protocols and both versions of HTTP.
import assert from "node:assert/strict";
import { createClient, type Transport } from "@connectrpc/connect";
import { type ClientCase, fetchClients, nodeClients } from "../../__test__/support/transports.ts";
import { EchoService } from "../../proto/gen/connectum/test/v1/echo_pb.ts";
import { type Check, withServer } from "../check.ts";

export const kinds: Check = {
  name: "four kinds, three protocols",
  async run(place) {
    await withServer(place, [], async (port) => {
      const url = `http://127.0.0.1:${port}`;
      for (const client of nodeClients) {
        for (const useBinaryFormat of [true, false]) await callAll(client, client.transport(url, { useBinaryFormat }));
      }
      for (const { transport } of fetchClients) await callWithOneRequest(transport(url));
    });
  },
};

async function callAll({ name, httpVersion }: ClientCase, transport: Transport): Promise<void> {
  await callWithOneRequest(transport);
  const client = createClient(EchoService, transport);
  const joined = await client.echoClientStream(texts());
  assert.equal(joined.text, "a,b,c", name);
  // Over HTTP/1.1 the request ends before the response begins, and the server rejects calls that need both at once.
  if (httpVersion === "1.1") return;
  const echoed = [];
  for await (const { text, index } of client.echoBidiStream(texts())) echoed.push(`${index} ${text}`);
  assert.deepEqual(echoed, ["0 a", "1 b", "2 c"], name);
}

async function callWithOneRequest(transport: Transport): Promise<void> {
  const client = createClient(EchoService, transport);
  const payload = new Uint8Array(100_000).fill(7);
  let headers = new Headers();
  const { text, payload: echoed } = await client.echo(
    { text: "späße", payload },
    {
      onHeader(header) {
        headers = header;
      },
    },
  );
  assert.equal(text, "späße");
  assert.deepEqual(new Uint8Array(echoed), payload);
  assert.ok(headers.has("x-answered"));
  const indices = [];
  for await (const { index } of client.echoServerStream({ text: "x", count: 50 })) indices.push(index);
  assert.deepEqual(indices, [...Array(50).keys()]);
}

async function* texts() {
  for (const text of ["a", "b", "c"]) yield { text };
}
