// TLS: gRPC over HTTP/2, Connect over both versions.
import assert from "node:assert/strict";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { certificate, certificatePath } from "../../__test__/support/certificates.ts";
import { EchoService } from "../../proto/gen/connectum/test/v1/echo_pb.ts";
import { type Check, withServer } from "../check.ts";

export const tls: Check = {
  name: "TLS",
  async run(place) {
    await withServer(place, ["server.crt", "server.key"].map(certificatePath), async (port) => {
      const baseUrl = `https://localhost:${port}`;
      const nodeOptions = { ca: certificate("ca.crt") };
      for (const transport of [
        createGrpcTransport({ baseUrl, nodeOptions }),
        createConnectTransport({ baseUrl, httpVersion: "2", nodeOptions }),
        createConnectTransport({ baseUrl, httpVersion: "1.1", nodeOptions }),
      ]) {
        const { text } = await createClient(EchoService, transport).echo({ text: "secure" });
        assert.equal(text, "secure");
      }
      // A client that does not know the CA.
      const stranger = createClient(EchoService, createGrpcTransport({ baseUrl }));
      await assert.rejects(stranger.echo({ text: "" }), /certificate|self-signed|unable to verify/i);
    });
  },
};
