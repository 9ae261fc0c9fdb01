// node --import tsx client.ts [url]
//
// Calls the greeter over each of the three protocols, and prints shell commands that do the same.
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { Greeter } from "./gen/greeter_pb.ts";
import { answer, heading, shell } from "./print.ts";

const baseUrl = process.argv[2] ?? "http://127.0.0.1:5000";
const grpcurl = `grpcurl -plaintext -import-path examples/hello/proto -proto greeter.proto`;
const { host } = new URL(baseUrl);

heading("gRPC, over HTTP/2");
const grpc = createClient(Greeter, createGrpcTransport({ baseUrl }));
const overGrpc = await grpc.greet({ name: "Ada" });
answer(overGrpc.greeting);
shell(`${grpcurl} -d '{"name":"Ada"}' ${host} hello.v1.Greeter/Greet`);

heading("gRPC-Web, over HTTP/1.1");
const grpcWeb = createClient(Greeter, createGrpcWebTransport({ baseUrl, httpVersion: "1.1" }));
const overGrpcWeb = await grpcWeb.greet({ name: "Grace" });
answer(overGrpcWeb.greeting);
// One envelope: a zero, the length in four bytes (16, in octal 020), the message.
shell(
  `printf '\\0\\0\\0\\0\\020{"name":"Grace"}' | curl -s --data-binary @- --output - ` +
    `-H 'content-type: application/grpc-web+json' ${baseUrl}/hello.v1.Greeter/Greet | cat -v`,
);

heading("Connect, JSON over HTTP/1.1");
const response = await fetch(`${baseUrl}/hello.v1.Greeter/Greet`, {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ name: "Linus" }),
});
answer(await response.text());
shell(`curl -s -H 'content-type: application/json' -d '{"name":"Linus"}' ${baseUrl}/hello.v1.Greeter/Greet`);

heading("A stream both ways, as gRPC");
async function* names() {
  yield { name: "Ada" };
  yield { name: "Grace" };
  yield { name: "Linus" };
}
for await (const { greeting } of grpc.greetEach(names())) answer(greeting);
shell(`${grpcurl} -d '{"name":"Ada"} {"name":"Grace"} {"name":"Linus"}' ${host} hello.v1.Greeter/GreetEach`);
