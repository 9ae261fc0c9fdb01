// A server that is started, called over every kind of connection, and stopped, as far as the argument says. After that
// the process has nothing left to do.
import { connect } from "node:net";
import process from "node:process";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { createServer } from "@connectum/core";
import { EchoService } from "../../proto/gen/connectum/test/v1/echo_pb.ts";
import { certificatePath } from "../support/certificates.ts";

const [what] = process.argv.slice(2);
const server = createServer({
  services: [(router) => router.service(EchoService, { echo: ({ text }) => ({ text }) })],
  port: 0,
  host: "127.0.0.1",
  ...(what === "watching its certificates" && {
    tls: { certPath: certificatePath("server.crt"), keyPath: certificatePath("server.key") },
  }),
});
if (what === "created") {
  console.log("done");
} else {
  await server.start();
  const { port } = server.address ?? { port: 0 };
  if (what === "called") {
    const baseUrl = `http://127.0.0.1:${port}`;
    for (const transport of [
      createConnectTransport({ baseUrl, httpVersion: "1.1" }),
      createGrpcTransport({ baseUrl }),
    ]) {
      await createClient(EchoService, transport).echo({ text: "a" });
    }
    // A client that never sends anything. This socket does not keep the process alive: the server closes it.
    await new Promise((resolve) => connect(port, "127.0.0.1").once("connect", resolve));
  }
  await server.stop();
  console.log("done");
}
