// connect-node: three protocols, HTTP/1.1 and HTTP/2, JSON and protobuf.
import { nodeClients } from "../support/transports.ts";
import { testClient } from "./client-table.ts";
import { connectCaller, contentTypes } from "./connect-caller.ts";

for (const { name, protocol, httpVersion, transport } of nodeClients) {
  for (const format of ["proto", "json"] as const) {
    testClient({
      name: `connect-node, ${name}, ${format}`,
      losesTrailers: protocol === "grpc" && httpVersion === "1.1",
      speaks: contentTypes[protocol][format],
      connect: (_, url) => connectCaller(transport(url, { useBinaryFormat: format === "proto" })),
    });
  }
}
