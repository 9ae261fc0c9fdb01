// AsyncLocalStorage: what an interceptor stores is there in the handler, for each of many calls at once.
import assert from "node:assert/strict";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { EchoService } from "../../proto/gen/connectum/test/v1/echo_pb.ts";
import { type Check, withServer } from "../check.ts";

const CALLS = 100;

export const asyncLocalStorage: Check = {
  name: "AsyncLocalStorage",
  async run(place) {
    await withServer(place, [], async (port) => {
      const client = createClient(EchoService, createGrpcTransport({ baseUrl: `http://127.0.0.1:${port}` }));
      const one = async (name: string) => {
        const options = { headers: { "x-name": name } };
        const unary = await client.echo({ text: "name" }, options);
        const streamed = [];
        for await (const { text } of client.echoServerStream({ text: "name", count: 3 }, options)) streamed.push(text);
        const joined = await client.echoClientStream(twice(), options);
        const both = [];
        for await (const { text } of client.echoBidiStream(twice(), options)) both.push(text);
        const seen = [unary.text, ...streamed, ...joined.text.split(","), ...both];
        assert.deepEqual(seen, Array(8).fill(name));
      };
      await Promise.all(Array.from({ length: CALLS }, (_, index) => one(`caller ${index}`)));
    });
  },
};

async function* twice() {
  yield { text: "name" };
  yield { text: "name" };
}
