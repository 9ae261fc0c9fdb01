// Reflection: the services, and the file of one.
import assert from "node:assert/strict";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { ask, LIST } from "../../__test__/support/reflection-client.ts";
import { type Check, withServer } from "../check.ts";

const SERVICES = [
  "connectum.test.v1.EchoService",
  "grpc.health.v1.Health",
  "grpc.reflection.v1.ServerReflection",
  "grpc.reflection.v1alpha.ServerReflection",
  "orders.v1.Orders",
];

export const reflection: Check = {
  name: "reflection",
  async run(place) {
    await withServer(place, [], async (port) => {
      const transport = createGrpcTransport({ baseUrl: `http://127.0.0.1:${port}` });
      const [services, files] = await ask(transport, [
        LIST,
        { case: "fileContainingSymbol", value: "connectum.test.v1.EchoService" },
      ]);
      assert.ok(Array.isArray(services) && Array.isArray(files), `${services} ${files}`);
      assert.deepEqual([...services].sort(), SERVICES);
      assert.deepEqual(files, ["connectum/test/v1/echo.proto"]);
    });
  },
};
