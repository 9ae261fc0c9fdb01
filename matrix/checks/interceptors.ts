// Interceptors: errors without secrets, errors with their code, a timeout, and a bulkhead's worth of calls at once.
import assert from "node:assert/strict";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { EchoService } from "../../proto/gen/connectum/test/v1/echo_pb.ts";
import { type Check, withServer } from "../check.ts";

export const interceptors: Check = {
  name: "interceptors",
  async run(place) {
    await withServer(place, [], async (port) => {
      const client = createClient(EchoService, createGrpcTransport({ baseUrl: `http://127.0.0.1:${port}` }));
      const failureOf = async (text: string) => ConnectError.from(await client.echo({ text }).catch((error) => error));
      const hidden = await failureOf("fail");
      assert.equal(hidden.code, Code.Internal);
      assert.doesNotMatch(hidden.message, /secret/);
      const told = await failureOf("refuse");
      assert.deepEqual([told.code, told.rawMessage], [Code.NotFound, "no such thing"]);
      const late = await failureOf("never");
      assert.equal(late.code, Code.DeadlineExceeded);
    });
  },
};
