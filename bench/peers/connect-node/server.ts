// @connectrpc/connect-node on Node's own servers, as https://connectrpc.com/docs/node/server-plugins sets it up.
import { readFileSync } from "node:fs";
import { createServer as createHttp1Server } from "node:http";
import { createSecureServer, createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { BenchService } from "../../../proto/gen/connectum/bench/v1/bench_pb.ts";
import routes from "../routes.ts";
import { identity, interceptorsOfVariant, variant } from "../variant.ts";

const health = variant === "health" ? (await import("../health.ts")).default() : undefined;
const adapter = connectNodeAdapter({
  routes(router) {
    routes(router);
    health?.register(router, { registry: [BenchService.file] });
  },
  interceptors: await interceptorsOfVariant(),
});
const server = serverOf();
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  console.log(`${identity === undefined ? "http" : "https"}://127.0.0.1:${port}`);
});

function serverOf() {
  if (variant === "http1") return createHttp1Server(adapter);
  if (identity === undefined) return createServer(adapter);
  const cert = readFileSync(identity.certPath);
  const key = readFileSync(identity.keyPath);
  return createSecureServer({ allowHTTP1: true, cert, key }, adapter);
}
