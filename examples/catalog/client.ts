// node --import tsx client.ts [url]
import { ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { Orders } from "./gen/shop_pb.ts";

const baseUrl = process.argv[2] ?? "http://127.0.0.1:5000";
const client = createClient(Orders, createConnectTransport({ baseUrl, httpVersion: "1.1" }));

for (const articles of [["tea", "cup", "tea"], ["cup", "cup"], ["book"]]) {
  try {
    const { total } = await client.place({ articles });
    console.log(`${articles.join(", ")}: ${(total / 100).toFixed(2)}`);
  } catch (error) {
    console.log(`${articles.join(", ")}: ${ConnectError.from(error).message}`);
  }
}
