// The lifecycle of a server: created, starting, running, stopping, stopped. It runs once.
import { EventEmitter } from "node:events";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import type { DescService } from "@bufbuild/protobuf";
import { type Client, Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { assertInterceptors, assertOneOf, assertString, assertStrings, isPlainObject, shown } from "@connectum/hooks";
import { assertInCatalog } from "../catalog/catalog.ts";
import { assertService } from "../catalog/service-descriptor.ts";
import { LOCAL_CALLS, type LocalServer } from "../local/create-local-transport.ts";
import type { LocalCalls } from "../local/local-calls.ts";
import { defaultLogger, type Logger, safeLogger } from "../options/logger.ts";
import { forgetSystemd } from "../options/systemd.ts";
import { assertServices, type ServiceDefinition } from "../services/define-service.ts";
import { prepareInterceptors } from "../services/prepare-interceptors.ts";
import { assertProtocols, type ProtocolRegistration } from "../services/protocol.ts";
import { mount, type RouteTable, type ServiceRoute } from "../services/router.ts";
import { checkCatalogOptions } from "./catalog-options.ts";
import type { EventBusLike } from "./event-bus.ts";
import { unknownEvent } from "./event-names.ts";
import { hasTlsFunction, withCalledTls } from "./listener-options.ts";
import { RustCore } from "./rust-core.ts";
import { LifecycleEvent, type Server, type ServerEvents, ServerState, type TransportServer } from "./server.ts";
import type { ServerCertificate } from "./server-certificate.ts";
import { type ServerClientOptions, ServerClients } from "./server-clients.ts";
import { assertServerKeys, type CreateServerOptions, resolveServerOptions } from "./server-options.ts";
import { ServerTls, type TLSReload, type TLSReloadError } from "./server-tls.ts";
import { type HookFailure, type ShutdownHook, ShutdownHooks, watchSignals } from "./shutdown.ts";
import { type ResolvedShutdownOptions, resolveShutdownOptions, shutdownDefaults } from "./shutdown-options.ts";
import type { TLSSource } from "./tls-options.ts";
import { validateTransport } from "./transport-validation.ts";

/** 35 years, longer than any server lives. A timer of Rust's, which goes beyond the 2^31 ms of JavaScript's. */
const FOREVER_MS = 2 ** 40;

/** The arguments of `on()`, which `once()` calls too. */
type AddListener = Parameters<EventEmitter<ServerEvents>["on"]>;

/** See {@link createServer}. */
export class RustServer extends EventEmitter<ServerEvents> implements Server, LocalServer {
  readonly #options: CreateServerOptions;
  readonly #services: (ServiceDefinition | ServiceRoute)[];
  readonly #interceptors: Interceptor[];
  readonly #protocols: ProtocolRegistration[];
  readonly #hooks = new ShutdownHooks();
  readonly #shutdown = new AbortController();
  readonly #clients: ServerClients;
  #state: ServerState = ServerState.CREATED;
  #table: RouteTable | undefined;
  #isMounting = false;
  #core: RustCore | undefined;
  #tls: ServerTls | undefined;
  /** The values of absent options of shutdown; the environment is read when the server starts. */
  #shutdownDefaults: ResolvedShutdownOptions | undefined;
  #addresses: readonly (AddressInfo | string)[] = [];
  #transport: TransportServer | null = null;
  #stopping: Promise<void> | undefined;
  #unwatchSignals: (() => void) | undefined;
  #detachHealth: (() => void) | undefined;
  #unwatchHealth: (() => void) | undefined;
  /** Whether a signal of the process has asked the server to stop: then nobody awaits `stop()`. */
  #isStoppedBySignal = false;

  constructor(options: CreateServerOptions) {
    super();
    assertServerOptions(options);
    this.#services = [...options.services];
    this.#interceptors = copyOf(options.interceptors);
    this.#protocols = copyOf(options.protocols);
    this.#options = options;
    this.#clients = new ServerClients(options, () => this.#mount());
  }

  get state(): ServerState {
    return this.#state;
  }

  get isRunning(): boolean {
    return this.#state === ServerState.RUNNING;
  }

  get address(): AddressInfo | null {
    return this.#addresses.find((address) => typeof address !== "string") ?? null;
  }

  get addresses(): readonly (AddressInfo | string)[] {
    return this.#addresses;
  }

  get transport(): TransportServer | null {
    return this.#transport;
  }

  get certificates(): readonly ServerCertificate[] {
    return this.#tls?.certificates ?? [];
  }

  /** The services as they were given. */
  get routes(): readonly (ServiceDefinition | ServiceRoute)[] {
    return this.#services;
  }

  get interceptors(): readonly Interceptor[] {
    return this.#interceptors;
  }

  get protocols(): readonly ProtocolRegistration[] {
    return this.#protocols;
  }

  get eventBus(): EventBusLike | null {
    return this.#options.eventBus ?? null;
  }

  /** Aborts when the server begins to stop. */
  get shutdownSignal(): AbortSignal {
    return this.#shutdown.signal;
  }

  override on(...given: AddListener): this {
    this.#warnOfEvent(given[0]);
    return super.on(...given);
  }

  override addListener(...given: AddListener): this {
    this.#warnOfEvent(given[0]);
    return super.addListener(...given);
  }

  override prependListener(...given: AddListener): this {
    this.#warnOfEvent(given[0]);
    return super.prependListener(...given);
  }

  /** @throws Error once the server has been started, or its routes looked at */
  addService(service: ServiceDefinition | ServiceRoute): void {
    this.#assertOpen("service");
    this.#services.push(service);
  }

  /** @throws Error once the server has been started, or its routes looked at */
  addInterceptor(interceptor: Interceptor, place: "innermost" | "outermost" = "innermost"): void {
    this.#assertOpen("interceptor");
    assertOneOf("addInterceptor", "place", place, ["innermost", "outermost"]);
    if (place === "outermost") this.#interceptors.unshift(interceptor);
    else this.#interceptors.push(interceptor);
  }

  /** @throws Error once the server has been started, or its routes looked at */
  addProtocol(protocol: ProtocolRegistration): void {
    this.#assertOpen("protocol");
    this.#protocols.push(protocol);
  }

  /** Whether the service is mounted. */
  hasService(service: DescService): boolean {
    assertService("hasService", service);
    return this.#clients.has(service.typeName);
  }

  /** A client of a service of this server, in process. */
  localClient<T extends DescService>(service: T): Client<T> {
    return this.#clients.localClient(service);
  }

  /** A client of a service, in process or over the transport of `remoteResolver`. */
  client<T extends DescService>(service: T, options?: ServerClientOptions): Client<T> {
    return this.#clients.client(service, options);
  }

  [LOCAL_CALLS](): LocalCalls {
    return this.#clients.calls;
  }

  /**
   * Runs `handler` when the server has drained: after the hooks it depends on, and concurrently with all others.
   *
   * @throws Error for a dependency on itself, and once the server has stopped
   */
  onShutdown(handler: ShutdownHook): void;
  onShutdown(name: string, handler: ShutdownHook): void;
  onShutdown(name: string, dependencies: string[], handler: ShutdownHook): void;
  onShutdown(first: string | ShutdownHook, second?: ShutdownHook | string[], third?: ShutdownHook): void {
    if (this.#state === ServerState.STOPPED) throw new Error("Cannot add shutdown hook: server is already stopped");
    const given = [first, second, third].filter((argument) => argument !== undefined);
    const handler: unknown = given.at(-1);
    if (typeof handler !== "function") throw new TypeError("onShutdown: the last argument must be a function");
    const [name, dependencies = []] = given.slice(0, -1);
    assertString("onShutdown", "the name", name);
    assertStrings("onShutdown", "the dependencies", dependencies);
    this.#hooks.add(name as string | undefined, dependencies as string[], handler as ShutdownHook);
  }

  /**
   * Mounts the services and listens.
   *
   * @throws Error outside the state `created`; the error of a listener, a service, an option, or the socket, after
   * which the server is stopped
   */
  async start(): Promise<void> {
    if (this.#state !== ServerState.CREATED) {
      throw new Error(`Cannot start server: current state is "${this.#state}", expected "created"`);
    }
    this.#state = ServerState.STARTING;
    try {
      this.emit(LifecycleEvent.START);
      await this.#listen();
      this.#state = ServerState.RUNNING;
      this.#watchSignals();
      // Now: whoever waits for this line may send a signal.
      for (const address of this.#addresses) this.#logger.info(`Server listening ${shownAddress(address)}`);
      this.emit(LifecycleEvent.READY);
      this.#unwatchHealth = this.#table?.health?.ready(this.#logger.warn);
    } catch (error) {
      await this.#abandonStart();
      this.#emitError(error);
      throw error;
    }
  }

  /**
   * Stops accepting, lets the calls in flight end, runs the hooks.
   *
   * @throws Error unless the server is running, or stopping already; in a hook, which it would wait for; the first
   * failure of a hook
   */
  async stop(): Promise<void> {
    if (this.#state === ServerState.RUNNING) this.#stopping = this.#stop();
    if (this.#state !== ServerState.STOPPING || this.#stopping === undefined) {
      throw new Error(`Cannot stop server: current state is "${this.#state}", expected "running"`);
    }
    if (this.#hooks.isCalling) {
      throw new Error("Cannot stop server: a shutdown hook called stop(), which waits for the hook");
    }
    return this.#stopping;
  }

  async reloadTLS(tls?: TLSSource, listener?: number): Promise<void> {
    if (this.#state !== ServerState.RUNNING || this.#tls === undefined) {
      throw new Error(`Cannot reload TLS: current state is "${this.#state}", expected "running"`);
    }
    return this.#tls.reload(tls, listener);
  }

  /** Makes the routes when they are first needed, and only once. */
  #mount(): RouteTable {
    if (this.#table !== undefined) return this.#table;
    if (this.#isMounting) {
      throw new Error(
        "The services of the server are being registered: localClient(), client(), hasService() and " +
          "createLocalTransport() can be called before or after that, in a handler for example",
      );
    }
    this.#isMounting = true;
    try {
      this.#table = this.#makeTable();
      return this.#table;
    } finally {
      this.#isMounting = false;
    }
  }

  #makeTable(): RouteTable {
    checkCatalogOptions(this.#options);
    assertServices(this.#services);
    assertStrings("createServer", "enabledServices", this.#options.enabledServices);
    assertInterceptors("createServer", "interceptors", this.#interceptors);
    assertProtocols(this.#protocols);
    const table = mount({
      services: this.#services,
      protocols: this.#protocols,
      interceptors: this.#interceptors,
      options: this.#options,
      shutdownSignal: this.shutdownSignal,
      enabled: this.#options.enabledServices,
      contextValues: this.#options.contextValues,
      outgoing: this.#clients.outgoing,
      fetch: this.#options.fetch,
      logger: this.#options.logger,
    });
    prepareInterceptors(table.routes);
    return table;
  }

  async #listen(): Promise<void> {
    const { eventBus, logger = defaultLogger } = this.#options;
    const options = hasTlsFunction(this.#options) ? await withCalledTls(this.#options) : this.#options;
    const { listen, given, usesSystemd, transports, transportValidation } = resolveServerOptions(options);
    // Checked now, so that an invalid option fails the start and not the stop.
    this.#resolveShutdownOptions();
    const { catalog, enabledServices } = this.#options;
    if (catalog !== undefined && enabledServices !== undefined) assertInCatalog(catalog, enabledServices);
    const table = this.#mount();
    validateTransport(table.applicationMethods, transports, transportValidation);
    if (eventBus !== undefined) {
      await eventBus.start({ signal: this.shutdownSignal });
      this.#hooks.add("eventbus", [], () => eventBus.stop());
    }
    // Kept before it listens: until it is closed, the doorbell holds whatever JavaScript reaches from it.
    const tls = this.#makeTls(given, options);
    const core = new RustCore(listen, table, logger, (native, failure) => tls.reloaded(native, failure));
    this.#core = core;
    this.#tls = tls;
    this.#detachHealth = table.health?.attach(core.health);
    this.#addresses = Object.freeze(core.listen());
    // Only now: if another listener fails, the sockets are left for the next start.
    if (usesSystemd) forgetSystemd();
    this.#transport = new Listener(this);
    tls.warn();
  }

  #makeTls(given: readonly number[], called: CreateServerOptions): ServerTls {
    const owner = {
      options: this.#options,
      core: () => this.#core,
      logger: () => this.#logger,
      reloaded: (reload: TLSReload) => this.#tryEmit("tlsReload", () => this.emit(LifecycleEvent.TLS_RELOAD, reload)),
      failed: (error: TLSReloadError) =>
        this.#tryEmit("tlsReloadError", () => this.emit(LifecycleEvent.TLS_RELOAD_ERROR, error)),
    };
    return new ServerTls(owner, given, called);
  }

  /** Undoes the start once, even if a `ready` listener or a caller of `stop()` stops the server at the same time. */
  async #abandonStart(): Promise<void> {
    if (this.#state === ServerState.RUNNING) {
      this.#state = ServerState.STOPPING;
      this.#stopping = this.#undoStart();
    }
    if (this.#stopping === undefined) await this.#undoStart();
    else await this.#stopping.catch(() => {}); // `stop` has reported it.
  }

  /** Releases whatever a failed start has acquired. */
  async #undoStart(): Promise<void> {
    const hasListened = this.#addresses.length > 0;
    this.#unwatchHealth?.();
    this.#unwatchSignals?.();
    this.#core?.close();
    if (hasListened) {
      this.#shutdown.abort();
      const failures = await this.#hooks.run(this.#optionsOfStop().hookTimeout);
      for (const failure of failures) this.#reportHook(failure);
    } else {
      try {
        await this.#options.eventBus?.stop();
      } catch {
        // The caller gets the error that made the start fail. A bus that may never have started adds nothing to it.
      }
    }
    this.#forget();
    this.#state = ServerState.STOPPED;
  }

  async #stop(): Promise<void> {
    this.#state = ServerState.STOPPING;
    try {
      this.emit(LifecycleEvent.STOPPING);
    } catch (error) {
      this.#emitError(error);
    }
    this.#unwatchHealth?.();
    for (const complaint of this.#hooks.missingDependencies()) this.#logger.warn(complaint);
    const { gracePeriod, hookTimeout } = this.#optionsOfStop();
    if (gracePeriod > 0) {
      // A second signal ends the process, now and later.
      this.#unwatchSignals?.();
      this.#core?.stopServing();
      await sleep(gracePeriod);
    }
    this.#shutdown.abort();
    this.#unwatchSignals?.();
    const failures = await this.#tryDrain();
    for (const failure of await this.#hooks.run(hookTimeout)) {
      if (this.#isStoppedBySignal) this.#reportHook(failure);
      failures.push(failure.error);
    }
    // An exit code of the program's own stays.
    if (failures.length > 0 && this.#isStoppedBySignal) process.exitCode ||= 1;
    this.#forget();
    this.#state = ServerState.STOPPED;
    if (failures.length > 0) this.#emitError(failures[0]);
    this.emit(LifecycleEvent.STOP);
    if (failures.length > 0) throw failures[0];
  }

  /**
   * Drains. Returns a failure instead of throwing it, as the hooks have to run in any case. The server is closed then,
   * as one that has stopped must not listen.
   */
  async #tryDrain(): Promise<unknown[]> {
    try {
      await this.#drain();
      return [];
    } catch (error) {
      console.error("Error during graceful close:", error);
      this.#core?.close();
      return [error];
    }
  }

  /** Waits for the calls in flight, up to the timeout. */
  async #drain(): Promise<void> {
    const core = this.#core;
    if (core === undefined) return;
    const { timeout, streamGracePeriod, forceCloseOnTimeout } = this.#resolveShutdownOptions();
    const grace = setTimeout(() => {
      const reason = new ConnectError("the server is shutting down", Code.Unavailable);
      core.abortStreams(reason);
      this.#clients.calls.abortStreams(reason);
    }, streamGracePeriod);
    const hasDrained = await this.#drained(core, timeout, forceCloseOnTimeout).finally(() => clearTimeout(grace));
    if (!hasDrained && forceCloseOnTimeout) this.#clients.calls.abort();
    if (!hasDrained) console.warn(`Shutdown timeout (${timeout}ms) exceeded`);
    if (hasDrained || forceCloseOnTimeout) core.close();
    else void core.drain(FOREVER_MS, false).then(() => core.close());
  }

  /** Whether all calls have ended in time: those over connections, then those in process that are left. */
  async #drained(core: RustCore, timeout: number, abort: boolean): Promise<boolean> {
    const begun = performance.now();
    const isCoreDrained = await core.drain(timeout, abort);
    // Not at the same time: handlers that were still running may have made more of them.
    const left = Math.max(0, begun + timeout - performance.now());
    return (await this.#clients.calls.drained(left)) && isCoreDrained;
  }

  #forget(): void {
    this.#clients.close(this.#optionsOfStop().forceCloseOnTimeout);
    this.#detachHealth?.();
    this.#core = undefined;
    this.#tls?.close();
    this.#tls = undefined;
    this.#addresses = [];
    this.#transport = null;
  }

  /** The options of shutdown at this time: programs may change them until they are used. */
  #resolveShutdownOptions(): ResolvedShutdownOptions {
    this.#shutdownDefaults ??= shutdownDefaults();
    return resolveShutdownOptions(this.#options.shutdown, this.#shutdownDefaults);
  }

  /** The options of shutdown, or their defaults if they are invalid by now: `#tryDrain` reports that. */
  #optionsOfStop(): ResolvedShutdownOptions {
    try {
      return this.#resolveShutdownOptions();
    } catch {
      return shutdownDefaults({});
    }
  }

  #watchSignals(): void {
    const { autoShutdown, signals } = this.#resolveShutdownOptions();
    const ineffective = autoShutdown ? signals.length === 0 : this.#options.shutdown?.signals !== undefined;
    if (ineffective) {
      const right = autoShutdown ? "there are none" : "shutdown.autoShutdown is not true";
      this.#logger.warn(`createServer: shutdown.signals has no effect: ${right}`);
    }
    if (!autoShutdown) return;
    this.#unwatchSignals = watchSignals(signals, (signal) => {
      this.#logger.info(`Received ${signal}, initiating graceful shutdown...`);
      this.#isStoppedBySignal = true;
      this.stop().catch(() => {
        // `stop` has reported it in the log, and emitted it as `error`.
      });
    });
  }

  /** Emits `error` if there is a listener. Without one the emitter would throw, and the promise rejects anyway. */
  #emitError(error: unknown): void {
    if (this.listenerCount(LifecycleEvent.ERROR) === 0) return;
    const emitted = error instanceof Error ? error : new Error(String(error));
    this.#tryEmit("error", () => this.emit(LifecycleEvent.ERROR, emitted));
  }

  /** Emits an event. What a listener throws is logged: nobody awaits it. */
  #tryEmit(event: LifecycleEvent, emit: () => void): void {
    try {
      emit();
    } catch (thrown) {
      this.#logger.error(`a listener of the server's ${event} event failed`, thrown);
    }
  }

  #warnOfEvent(name: unknown): void {
    const warning = unknownEvent(name);
    if (warning !== undefined) this.#logger.warn(warning);
  }

  #reportHook({ name, error }: HookFailure): void {
    const hook = name === undefined ? "a shutdown hook without a name" : `the shutdown hook "${name}"`;
    this.#logger.error(`${hook} failed`, error);
  }

  /** The log for the operator: that of the options, else the console. */
  get #logger(): Logger {
    return safeLogger(this.#options.logger);
  }

  #assertOpen(what: "service" | "interceptor" | "protocol"): void {
    const refusal = `Cannot add ${what}: `;
    if (this.#state !== ServerState.CREATED) {
      throw new Error(`${refusal}server is already ${this.#state}. Add ${what}s before calling start().`);
    }
    if (this.#table !== undefined) {
      const reason = "routes have already been materialized (e.g. via server.localClient())";
      throw new Error(`${refusal}${reason}. Add ${what}s before any local-transport access.`);
    }
  }
}

/** The `transport` of a server, while it listens. */
class Listener implements TransportServer {
  readonly #server: RustServer;

  constructor(server: RustServer) {
    this.#server = server;
  }

  get listening(): boolean {
    return this.#server.isRunning;
  }

  address(): AddressInfo | null {
    return this.#server.address;
  }

  close(): Promise<void> {
    return this.#server.stop();
  }
}

/** An address as the log has it. */
function shownAddress(address: AddressInfo | string): string {
  if (typeof address === "string") return `unix:${address}`;
  return `${address.address === "::" ? "localhost" : address.address}:${address.port}`;
}

/**
 * Checks only that there is a list of services: all else is checked by `start()`.
 *
 * @throws TypeError
 */
function assertServerOptions(options: unknown): void {
  const example = "as in createServer({ services: [routes] })";
  if (!isPlainObject(options)) {
    const given = options === undefined ? "there are none" : `not ${shown(options)}`;
    throw new TypeError(`createServer: the options must be an object, ${example}: ${given}`);
  }
  const services: unknown = Reflect.get(options, "services");
  // It may be misspelt.
  if (services === undefined) assertServerKeys(options);
  if (typeof services === "object" && services !== null && Symbol.iterator in services) return;
  throw new TypeError(`createServer: services must be an array, ${example}, not ${shown(services)}`);
}

/** A copy of a list. Anything else is rejected by `start()`, not here. */
function copyOf<T>(list: readonly T[] | undefined): T[] {
  return Array.isArray(list) ? [...list] : [];
}
