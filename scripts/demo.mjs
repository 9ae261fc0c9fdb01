// @ts-check
// npm run demo: builds, starts the greeter of examples/hello, calls it over every protocol, stops it.

import { startServer } from "./server-process.mjs";
import { ensureBuilt, main, run } from "./setup.mjs";

main(async () => {
  await ensureBuilt();
  console.log("starting examples/hello/server.ts");
  const server = await startServer("examples/hello/server.ts", ["0"]);
  console.log(`it listens at ${server.url}: HTTP/1.1 and HTTP/2 on one port`);
  await run(process.execPath, ["--import", "tsx", "examples/hello/client.ts", server.url], { timeoutMs: 60_000 });
  await server.stop();
  const again = `node --import tsx examples/hello/server.ts ${new URL(server.url).port}`;
  console.log(`\nThe server has stopped. To try the lines above, start it again: ${again}`);
});
