// A server with the options of the first argument, and one with those of the second after it, if there is one. Prints
// the addresses of each, or its error; then the variables of systemd that are left. Each call returns the process id.
import process from "node:process";
import { type CreateServerOptions, createServer } from "@connectum/core";
import { EchoService } from "../../proto/gen/connectum/test/v1/echo_pb.ts";

for (const options of process.argv.slice(2)) {
  const server = createServer({
    services: [(router) => router.service(EchoService, { echo: () => ({ index: process.pid }) })],
    shutdown: { autoShutdown: true },
    ...(JSON.parse(options) as Partial<CreateServerOptions>),
  });
  try {
    await server.start();
    console.log(`listening ${JSON.stringify(server.addresses)}`);
  } catch (error) {
    const { name, message, code } = error as NodeJS.ErrnoException;
    console.log(`failed ${JSON.stringify({ name, message, code, fd: Reflect.get(error as object, "fd") })}`);
  }
}
console.log(`variables ${JSON.stringify(Object.keys(process.env).filter((name) => /^LISTEN_/.test(name)))}`);
