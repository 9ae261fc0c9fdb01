// Health over gRPC and HTTP, and while a handler blocks JavaScript.
import assert from "node:assert/strict";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { Health, HealthCheckResponse_ServingStatus as Status } from "@connectum/healthcheck/proto";
import { EchoService } from "../../proto/gen/connectum/test/v1/echo_pb.ts";
import { type Check, withServer } from "../check.ts";

export const health: Check = {
  name: "health",
  async run(place) {
    await withServer(place, [], async (port) => {
      const baseUrl = `http://127.0.0.1:${port}`;
      const transport = createGrpcTransport({ baseUrl });
      const client = createClient(Health, transport);
      const check = async () => {
        assert.equal((await client.check({ service: "connectum.test.v1.EchoService" })).status, Status.SERVING);
        for (const path of ["healthz", "livez", "readyz"]) {
          assert.equal((await fetch(`${baseUrl}/${path}`)).status, 200, path);
        }
      };
      await check();
      const before = Date.now();
      const blocked = createClient(EchoService, transport).echo({ text: "block" });
      // On the same connection and behind it: when this is answered, the server has read the call.
      await client.check({});
      await check();
      assert.ok(Date.now() - before < 1_000, `health took ${Date.now() - before} ms while JavaScript was blocked`);
      assert.equal((await blocked).text, "block");
    });
  },
};
