// TOKEN=secret node --import tsx client.ts [url]
import { ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { Greeter } from "./gen/greeter_pb.ts";
import { sendToken } from "./send-token.ts";

const baseUrl = process.argv[2] ?? "http://127.0.0.1:5000";
const interceptors = [sendToken(process.env["TOKEN"] ?? "secret")];
const transport = createConnectTransport({ baseUrl, httpVersion: "1.1", interceptors });
const client = createClient(Greeter, transport);

try {
  console.log((await client.greet({})).greeting);
  for await (const { greeting } of client.greetAllDay({})) console.log(greeting);
} catch (error) {
  console.log(ConnectError.from(error).message);
}
