// grpc-js, the gRPC client of Node.
import { Client, credentials } from "@grpc/grpc-js";
import { certificate } from "../support/certificates.ts";
import { testClient } from "./client-table.ts";
import { grpcJsCaller } from "./grpc-js-caller.ts";

testClient({
  name: "grpc-js",
  speaks: /^application\/grpc$/,
  connect(t, url) {
    const { protocol, host } = new URL(url);
    const trusting = credentials.createSsl(Buffer.from(certificate("ca.crt")));
    const client = new Client(host, protocol === "https:" ? trusting : credentials.createInsecure());
    t.after(() => client.close());
    return grpcJsCaller(client);
  },
});
