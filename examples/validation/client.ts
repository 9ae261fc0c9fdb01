// node --import tsx client.ts [url]
import { ViolationsSchema } from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import { ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { Orders } from "./gen/orders_pb.ts";

const baseUrl = process.argv[2] ?? "http://127.0.0.1:5000";
const client = createClient(Orders, createGrpcTransport({ baseUrl }));

const lines = [{ product: "apple-1", quantity: 3 }];
console.log((await client.place({ email: "ada@example.com", lines })).text);

try {
  await client.place({ email: "ada", gift: true, lines: [] });
} catch (thrown) {
  const error = ConnectError.from(thrown);
  console.log(error.message);
  for (const { violations } of error.findDetails(ViolationsSchema)) {
    for (const { ruleId, message } of violations) console.log(`${ruleId}: ${message}`);
  }
}
