// connect-web: `fetch`, as in a browser. It cannot send streams.
import { fetchClients } from "../support/transports.ts";
import { testClient } from "./client-table.ts";
import { connectCaller, contentTypes } from "./connect-caller.ts";

for (const { name, protocol, transport } of fetchClients) {
  for (const format of ["proto", "json"] as const) {
    testClient({
      name: `connect-web, ${name}, ${format}`,
      kinds: ["unary", "server stream"],
      speaks: contentTypes[protocol][format],
      connect: (_, url) => connectCaller(transport(url, { useBinaryFormat: format === "proto" })),
    });
  }
}
