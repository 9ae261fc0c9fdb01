// node --import tsx server.ts [port]
import { createServer } from "@connectum/core";
import routes from "./test-service.ts";

const server = createServer({
  services: [routes],
  port: Number(process.argv[2] ?? 5000),
});

await server.start();
console.log(`grpc.testing.TestService at http://127.0.0.1:${server.address?.port}`);

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void server.stop());
}
