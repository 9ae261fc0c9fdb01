// Validation: a message that breaks a rule of its .proto never reaches the handler.
import assert from "node:assert/strict";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { Orders } from "../../examples/validation/gen/orders_pb.ts";
import { type Check, withServer } from "../check.ts";

export const validation: Check = {
  name: "validation",
  async run(place) {
    await withServer(place, [], async (port) => {
      const transport = createConnectTransport({ baseUrl: `http://127.0.0.1:${port}`, httpVersion: "1.1" });
      const client = createClient(Orders, transport);
      const lines = [{ product: "apple-1", quantity: 2 }];
      const { text } = await client.place({ email: "ada@example.com", lines });
      assert.equal(text, "2 for ada@example.com");
      const error = ConnectError.from(await client.place({ email: "nobody", lines }).catch((failure) => failure));
      assert.equal(error.code, Code.InvalidArgument);
      assert.match(error.message, /email/);
    });
  },
};
