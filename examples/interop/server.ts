// node --import tsx server.ts [port] [certificate key]; with the paths of certificate and key it serves TLS
import { createServer } from "@connectum/core";
import routes from "./test-service.ts";

const [port = "5000", certPath, keyPath] = process.argv.slice(2);
const tls = certPath === undefined ? undefined : { certPath, keyPath };

const server = createServer({
  services: [routes],
  port: Number(port),
  tls,
});

await server.start();
console.log(`grpc.testing.TestService at ${tls ? "https" : "http"}://127.0.0.1:${server.address?.port}`);

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void server.stop());
}
