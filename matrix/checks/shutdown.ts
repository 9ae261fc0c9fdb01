// SIGTERM: the call in flight is answered, new connections are refused, the process ends with 0.
import assert from "node:assert/strict";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { EchoService } from "../../proto/gen/connectum/test/v1/echo_pb.ts";
import { type Check, withServer } from "../check.ts";

export const shutdown: Check = {
  name: "shutdown by signal",
  async run(place) {
    await withServer(place, [], async (port, server) => {
      const baseUrl = `http://127.0.0.1:${port}`;
      const client = createClient(EchoService, createGrpcTransport({ baseUrl }));
      await client.echo({ text: "first" });
      const slow = client.echo({ text: "slow" });
      // On the same connection and behind it: when this is answered, the handler of the slow one runs.
      await client.echo({ text: "second" });
      const before = Date.now();
      server.child.kill("SIGTERM");
      assert.equal((await slow).text, "slow");
      assert.equal(await server.ended, 0, server.output());
      assert.ok(Date.now() - before < 5_000, "it took more than 5 s");
      await assert.rejects(fetch(baseUrl));
    });
  },
};
