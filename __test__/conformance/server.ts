// The server that the ConnectRPC conformance runner starts, once for each of its configurations.
import assert from "node:assert/strict";
import { Console } from "node:console";
import process from "node:process";
import { createRegistry } from "@bufbuild/protobuf";
import { createServer } from "@connectum/core";
import { file_connectrpc_conformance_v1_service } from "../../.build/conformance/connectrpc/conformance/v1/service_pb.js";
import { readRequest, writeResponse } from "./server-compat.ts";
import routes from "./service.ts";

// Standard output belongs to the runner: a line of text there would be taken for the length of a message.
globalThis.console = new Console(process.stderr);

const request = await readRequest(process.stdin);

const { serverCreds, clientTlsCert } = request;
const tls = serverCreds && {
  cert: serverCreds.cert,
  key: serverCreds.key,
  // Clients must then present exactly this certificate.
  ...(clientTlsCert.length > 0 && { ca: clientTlsCert }),
};

const server = createServer({
  services: [routes],
  tls,
  port: 0,
  host: "127.0.0.1",
  readMaxBytes: request.messageReceiveLimit,
  // Requests are echoed as Any, whose JSON form needs the type of the message inside.
  jsonOptions: { registry: createRegistry(file_connectrpc_conformance_v1_service) },
});
await server.start();
process.once("SIGTERM", () => void server.stop());

const { address, port } = server.address ?? assert.fail("a started server has an address");
writeResponse(process.stdout, { host: address, port, ...(serverCreds && { pemCert: serverCreds.cert }) });
