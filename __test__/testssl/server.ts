// The server that testssl.sh looks at: node --import tsx server.ts CERTIFICATE KEY
import { createServer } from "@connectum/core";
import { Healthcheck, healthcheckManager, ServingStatus } from "@connectum/healthcheck";
import { EchoService } from "../../proto/gen/connectum/test/v1/echo_pb.ts";

const [cert, key] = process.argv.slice(2);
const server = createServer({
  services: [(router) => router.service(EchoService, {})],
  protocols: [Healthcheck({ httpEnabled: true })],
  port: 0,
  host: "127.0.0.1",
  tls: { cert, key },
  transportValidation: "off",
});
await server.start();
healthcheckManager.update(ServingStatus.SERVING);
console.log(`EchoService at https://localhost:${server.address?.port}`);
process.once("SIGTERM", () => void server.stop());
