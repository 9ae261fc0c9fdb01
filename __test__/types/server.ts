// Compiled, never run: the type of a server, as programs use it.
import { EventEmitter, once } from "node:events";
import type { AddressInfo } from "node:net";
import type { DescService } from "@bufbuild/protobuf";
import type { Client, Interceptor } from "@connectrpc/connect";
import {
  createServer,
  LifecycleEvent,
  type ProtocolRegistration,
  type Server,
  ServerState,
  type ServiceDefinition,
  type ServiceRoute,
  type TransportServer,
} from "@connectum/core";
import type { Server as OfTypes } from "@connectum/core/types";
import { EchoService } from "../../proto/gen/connectum/test/v1/echo_pb.ts";

const server: Server = createServer({ services: [] });
export const same: OfTypes = server;

// Members.

export const members: {
  state: ServerState;
  isRunning: boolean;
  address: AddressInfo | null;
  addresses: readonly (AddressInfo | string)[];
  transport: TransportServer | null;
  routes: ReadonlyArray<ServiceDefinition | ServiceRoute>;
  interceptors: ReadonlyArray<Interceptor>;
  protocols: ReadonlyArray<ProtocolRegistration>;
  shutdownSignal: AbortSignal;
} = server;
export const port: number | undefined = server.address?.port;
export const isMounted: boolean = server.hasService(EchoService);
if (server.state === ServerState.STOPPED || server.state === "created") await server.start();

// @ts-expect-error There is no such state.
if (server.state === "paused") await server.stop();

await server.reloadTLS();
await server.reloadTLS({ dirPath: "keys" }, 1);
await server.reloadTLS(() => ({ cert: "", key: "" }));

// @ts-expect-error Members are for reading.
server.shutdownSignal = AbortSignal.abort();

// @ts-expect-error There are two places.
server.addInterceptor((next) => next, "first");
server.addInterceptor((next) => next, "outermost");
// @ts-expect-error The list is for reading; addInterceptor() adds.
server.interceptors.push((next) => next);

// contract: SV-onShutdown
// Hooks.

server.onShutdown(() => {});
server.onShutdown("cache", async () => {});
server.onShutdown("database", ["cache"], async () => {});

// @ts-expect-error A hook is a function.
server.onShutdown("database", ["cache"]);

// contract: SV-emitter
// Events: all of them, with their listeners' arguments; chained; by their constants.

server
  .on("start", () => {})
  .on("ready", () => {})
  .on("stopping", () => {})
  .on("stop", () => {})
  .on("error", (error) => console.error(error.message, error.stack))
  .on("tlsReload", ({ listener, certificates: [first] }) => console.log(listener, first?.validTo.getTime()))
  .on("tlsReloadError", ({ message, code, listener }) => console.error(message, code, listener))
  .once("ready", () => {})
  .off("ready", () => {})
  .on(LifecycleEvent.ERROR, ({ message }: Error) => console.error(message));

export const itself: Server = server.once("error", () => {}).prependListener("stop", () => {});
for (const event of Object.values(LifecycleEvent)) server.on(event, () => {});

/** The arguments of an event's listener. */
type Listener = (error: Error) => void;
export const overloads: [
  (event: "ready", listener: () => void) => Server,
  (event: "error", listener: Listener) => Server,
] = [server.on.bind(server), server.off.bind(server)];

// @ts-expect-error There is no such event.
server.on("listening", () => {});

// @ts-expect-error This event has nothing to give.
server.on("ready", (address: AddressInfo) => address.port);

// @ts-expect-error An error is an Error.
server.on("error", (error: string) => error.length);

// It is assignable to an EventEmitter.

const emitter: EventEmitter = server;
emitter.removeAllListeners();
export const isReady: Promise<unknown[]> = once(server, "ready");

// It is an interface: another object can implement it.

export class StandIn extends EventEmitter implements Server {
  readonly state = ServerState.RUNNING;
  readonly isRunning = true;
  readonly address = null;
  readonly addresses = [];
  readonly transport = null;
  readonly routes = [];
  readonly interceptors = [];
  readonly protocols = [];
  readonly eventBus = null;
  readonly shutdownSignal = new AbortController().signal;
  readonly certificates = [];
  async start() {}
  async reloadTLS() {}
  async stop() {}
  addService() {}
  addInterceptor() {}
  addProtocol() {}
  hasService() {
    return false;
  }
  localClient<T extends DescService>(service: T): Client<T> {
    return server.localClient(service);
  }
  client<T extends DescService>(service: T): Client<T> {
    return server.client(service, { endpoint: "a" });
  }
  onShutdown() {}
}
export const standIn: Server = new StandIn();

// A function may ask for only a part of it.
export const stopAll = (servers: Pick<Server, "stop">[]) => Promise.all(servers.map((one) => one.stop()));
await stopAll([server, standIn]);
