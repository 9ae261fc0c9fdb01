// node --import tsx rotations/server.ts DIRECTORY: a TLS server with tls.crt and tls.key of a directory. Prints its
// port, then what its events tell, and ends when its standard input does.
import process from "node:process";
import { createServer } from "@connectum/core";

const [directory = ""] = process.argv.slice(2);
const silent = () => {};
const server = createServer({
  services: [],
  port: 0,
  host: "127.0.0.1",
  logger: { debug: silent, info: silent, warn: console.error, error: silent },
  tls: { certPath: `${directory}/tls.crt`, keyPath: `${directory}/tls.key` },
});
server.on("tlsReload", ({ certificates: [first] }) => console.log(`reloaded ${first?.serialNumber}`));
server.on("tlsReloadError", ({ code }) => console.log(`refused ${code}`));
await server.start();
console.log(`listening ${server.address?.port}`);
process.stdin.resume().once("end", () => server.stop());
