// The attacked server. Its argument is options of createServer() as JSON.
// It answers questions of the process that started it, and ends by itself after SIGTERM.
import { type CreateServerOptions, createServer } from "@connectum/core";
import { createHealthcheckManager, Healthcheck, ServingStatus } from "@connectum/healthcheck";
import { Reflection } from "@connectum/reflection";
import { EchoService } from "../../proto/gen/connectum/test/v1/echo_pb.ts";
import { answerQuestions } from "../answers.ts";
import { CountedHandlers, type HandlerFigures } from "../handlers.ts";

/** Options of the server that differ from one attack to another. */
export interface AttackedOptions extends Pick<CreateServerOptions, "maxBufferedBytes" | "readMaxBytes" | "threads"> {
  readonly secure?: boolean;
}

/** What the server says about itself. */
export interface ServerFigures extends HandlerFigures {
  /** What JavaScript holds of its RSS, in bytes: objects, and buffers beside them. */
  readonly heapUsed: number;
  readonly arrayBuffers: number;
}

const { secure = false, ...options }: AttackedOptions = JSON.parse(process.argv[2] ?? "{}");
const ignore = () => {};
const manager = createHealthcheckManager();
const handlers = new CountedHandlers();
const server = createServer({
  services: [(router) => router.service(EchoService, handlers.all)],
  protocols: [Healthcheck({ manager, httpEnabled: true }), Reflection()],
  transportValidation: "off",
  host: "127.0.0.1",
  port: 0,
  shutdown: { timeout: 5_000, streamGracePeriod: 5_000 },
  logger: { debug: ignore, info: ignore, warn: ignore, error: ignore },
  ...(secure && {
    tls: { certPath: "__test__/certificates/server.crt", keyPath: "__test__/certificates/server.key" },
  }),
  ...options,
});
await server.start();
manager.update(ServingStatus.SERVING);

answerQuestions({
  port: () => server.address?.port ?? 0,
  /** After a garbage collection, so that what remains is held by something. */
  figures: (): ServerFigures => {
    globalThis.gc?.();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return { ...handlers.figures(), heapUsed, arrayBuffers };
  },
});

process.once("SIGTERM", async () => {
  await server.stop();
  // Nothing else keeps the process alive.
  process.disconnect();
});
