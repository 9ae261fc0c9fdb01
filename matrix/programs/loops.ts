// Starts a server, calls it and stops it, as often as the argument says.
import { call, startServer } from "./minimal-server.ts";

console.info = () => {};
const loops = Number(process.argv[2]);
for (let loop = 0; loop < loops; loop += 1) {
  const server = await startServer();
  await call(server.address?.port ?? 0);
  await server.stop();
}
console.log(`${loops} loops`);
