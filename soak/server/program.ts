// The servers under load, in a process of their own that answers what it holds. Arguments: faults, with commas.
import { readdirSync } from "node:fs";
import { setImmediate as turn } from "node:timers/promises";
import { createServer, type Server } from "@connectum/core";
import { createHealthcheckManager, Healthcheck } from "@connectum/healthcheck";
import { createDefaultInterceptors } from "@connectum/interceptors";
import { Reflection } from "@connectum/reflection";
import { identity } from "../../__test__/support/certificates.ts";
import { EchoService } from "../../proto/gen/connectum/test/v1/echo_pb.ts";
import { Activity } from "./activity.ts";
import type { Addresses, Answer, Command, Inventory, MomentOptions, Question } from "./commands.ts";
import { faultsOf } from "./faults.ts";
import { handlers } from "./handlers.ts";
import { LogLines } from "./log-lines.ts";

const activity = new Activity();
const log = new LogLines();
const echo = handlers(activity, faultsOf(process.argv[2] ?? ""));
const { gc } = globalThis;
if (gc === undefined) throw new Error("start this with --expose-gc");
// The servers say there that they listen, and that a stop took too long.
console.info = () => {};
console.warn = (...parts) => log.add(...parts);

/** A server of everything that is under load. */
function newServer({ port, secure, interceptors, timeout }: MomentOptions): Server {
  // A pause of a busy machine must not look like a server that is not ready.
  const health = {
    manager: createHealthcheckManager(),
    httpEnabled: true,
    autoServing: true,
    eventLoopTimeout: 30_000,
  };
  return createServer({
    services: [(router) => router.service(EchoService, echo)],
    host: "127.0.0.1",
    port,
    // Behind interceptors JavaScript serves reflection, without them Rust does.
    interceptors: interceptors ? createDefaultInterceptors(chain) : [],
    protocols: [Healthcheck(health), Reflection()],
    // Clients of HTTP/1.1 may call bidi methods: they send all requests first, or read while they send.
    transportValidation: "off",
    shutdown: { timeout },
    logger: log.logger,
    ...(secure && { tls: identity("server") }),
  });
}

/** The defaults, and two more that hold something for each call. */
const chain = {
  errorHandler: { onError: ({ error }: { error: Error }) => checkReported(error) },
  timeout: { duration: 60_000 },
  bulkhead: { capacity: 10_000 },
};

/** What handlers throw on purpose is a ConnectError, or has a cause that is {@link LogLines}'s to judge. */
function checkReported({ cause }: Error): void {
  if (cause instanceof Error) log.add(cause);
}

async function start(options: MomentOptions): Promise<{ server: Server; address: string }> {
  const server = newServer(options);
  await server.start();
  const { port } = server.address ?? { port: 0 };
  return { server, address: options.secure ? `https://localhost:${port}` : `http://127.0.0.1:${port}` };
}

async function stop(server: Server | undefined): Promise<{ ms: number }> {
  if (server === undefined) throw new Error("there is no such server");
  const began = performance.now();
  await server.stop();
  return { ms: performance.now() - began };
}

async function inventory(): Promise<Inventory> {
  // The first collection finds what is unreachable, and finalizers run in a later turn; what they release, too.
  for (let round = 0; round < 3; round += 1) {
    gc?.();
    await turn();
  }
  const { rss, heapUsed: heap, arrayBuffers } = process.memoryUsage();
  const descriptors = readdirSync("/proc/self/fd").length;
  const { running: handlers, contexts } = activity;
  return { rss, heap, arrayBuffers, descriptors, handlers, contexts, log: log.unexpected };
}

const forLife = { port: 0, timeout: 30_000 };
const clear = await start({ ...forLife, secure: false, interceptors: false });
const secure = await start({ ...forLife, secure: true, interceptors: true });
let moment: { server: Server; address: string } | undefined;

async function obey(command: Command): Promise<Inventory | { ms: number } | string> {
  switch (command.name) {
    case "inventory":
      return inventory();
    case "start":
      moment = await start(command.options);
      return moment.address;
    case "stop":
      return stop(moment?.server);
    case "end": {
      const [one, other] = await Promise.all([stop(clear.server), stop(secure.server)]);
      return { ms: Math.max(one.ms, other.ms) };
    }
  }
}

function say(answer: Answer): void {
  process.send?.(answer);
}

process.on("message", ({ id, command }: Question) => {
  obey(command).then(
    (value) => say({ id, value }),
    (error: unknown) => say({ id, error: String(error) }),
  );
});
// Without its parent it has nothing to do.
process.on("disconnect", () => process.exit());
say({ id: 0, value: { clear: clear.address, secure: secure.address } satisfies Addresses });
