// The statuses that an application reports.

import { shown } from "@connectum/hooks";
import { assertComponentName } from "./component-name.ts";
import { type ServiceStatus, ServingStatus } from "./serving-status.ts";
import { type Entry, type StatusListener, StatusTable } from "./status-table.ts";

/** The table of a manager, for the other modules of this package. */
export let tableOf: (manager: HealthcheckManager) => StatusTable;

let hasTable: (value: object) => boolean;

/**
 * Keeps the status of each RPC service of a server, and of each component that the application adds. Several servers
 * may share a manager, but each replaces the services of the one before: servers with different services need managers
 * of their own.
 */
export class HealthcheckManager {
  readonly #table = new StatusTable();
  #isInitialized = false;
  /** The status of an update of all entries that came before the services. */
  #remembered: ServingStatus | undefined;

  static {
    tableOf = (manager) => manager.#table;
    hasTable = (value) => #table in value;
  }

  /**
   * Sets one entry, or without a name all entries except components that a check sets. An update without a name that
   * comes before the services are known is applied to them when they are.
   *
   * @throws Error for an unknown name, listing the known ones; TypeError for an invalid status
   */
  update(status: ServingStatus, service?: string): void {
    assertStatus("update", status);
    if (service === undefined) {
      if (!this.#isInitialized) this.#remembered = status;
      const all = this.#table.entries().filter(([name]) => !this.#table.isOwned(name));
      this.#table.apply(
        [],
        all.map(([name, entry]) => [name, { ...entry, status, isSet: true }]),
      );
      return;
    }
    const entry = this.#table.get(service);
    if (entry === undefined) {
      const names = this.#table.entries().map(([name]) => name);
      throw new Error(`Unknown service '${service}'. Registered services: ${names.join(", ")}`);
    }
    this.#table.apply([], [[service, { ...entry, status, isSet: true }]]);
  }

  /**
   * Adds a component. If there is one of that name already, it is not changed.
   *
   * @param initialStatus default `UNKNOWN`
   * @throws Error for a name that is empty, has a dot, or is a service's; TypeError for an invalid status
   */
  register(component: string, initialStatus: ServingStatus = ServingStatus.UNKNOWN): void {
    assertStatus("register", initialStatus);
    this.#assertComponent(component);
    if (this.#table.get(component) !== undefined) return;
    this.#table.apply([], [[component, { kind: "component", status: initialStatus, isSet: true }]]);
  }

  /**
   * Sets the status of a component, and adds the component if it does not exist.
   *
   * @throws Error for a name that is empty, has a dot, or is a service's; TypeError for an invalid status
   */
  set(component: string, status: ServingStatus): void {
    assertStatus("set", status);
    this.#assertComponent(component);
    this.#table.apply([], [[component, { kind: "component", status, isSet: true }]]);
  }

  /**
   * Removes a component, if it exists.
   *
   * @throws Error for the name of a service
   */
  unregister(component: string): void {
    this.#assertNoService(component);
    this.#table.apply([component], []);
  }

  /** @returns a new object; undefined for an unknown name */
  getStatus(service: string): ServiceStatus | undefined {
    const entry = this.#table.get(service);
    return entry && { status: entry.status };
  }

  /** @returns a new map, in order of insertion */
  getAllStatuses(): Map<string, ServiceStatus> {
    return new Map(this.#table.entries().map(([name, { status }]) => [name, { status }]));
  }

  /** Whether there are entries, and all of them are `SERVING`: the overall status. */
  areAllHealthy(): boolean {
    return this.#table.isServing;
  }

  /**
   * Replaces the services: others are removed, known ones keep their status, components stay. For the protocol, not for
   * applications.
   */
  initialize(serviceNames: string[]): void {
    const wanted = new Set(serviceNames);
    const gone = this.#table.entries().filter(([name, { kind }]) => kind === "service" && !wanted.has(name));
    const status = this.#remembered ?? ServingStatus.UNKNOWN;
    const isSet = this.#remembered !== undefined;
    this.#remembered = undefined;
    this.#isInitialized = true;
    const added = [...wanted].filter((name) => this.#table.get(name) === undefined);
    this.#table.apply(
      gone.map(([name]) => name),
      added.map((name): [string, Entry] => [name, { kind: "service", status, isSet }]),
    );
  }

  /** Removes all entries, and forgets an update that waits for services. */
  clear(): void {
    this.#remembered = undefined;
    this.#table.clear();
  }

  /**
   * Calls `listener` with the changes of each operation as one batch: `[name, status]`, with null for a removed entry.
   * It is called synchronously; if it throws, the operation throws that error after all listeners have been called.
   *
   * @returns a function that unsubscribes
   */
  subscribe(listener: StatusListener): () => void {
    return this.#table.subscribe(listener);
  }

  /**
   * The delay of the event loop in milliseconds, as last measured: the largest one of the servers that report this
   * manager, 0 without a server.
   */
  get eventLoopLagMs(): number {
    return this.#table.eventLoopLagMs;
  }

  #assertComponent(name: string): void {
    assertComponentName(name);
    this.#assertNoService(name);
  }

  /** Services without a package have names that a component could have. */
  #assertNoService(name: string): void {
    if (this.#table.get(name)?.kind !== "service") return;
    throw new Error(`Name '${name}' is a registered RPC service, not a component`);
  }
}

/** Creates a manager for a server, or a test, that does not share its health. */
export function createHealthcheckManager(): HealthcheckManager {
  return new HealthcheckManager();
}

/** The manager of every `Healthcheck()` without a `manager` option. It lives as long as the process. */
export const healthcheckManager: HealthcheckManager = createHealthcheckManager();

/** @throws TypeError for values that this copy of the package has not created */
export function assertManager(where: string, value: unknown): asserts value is HealthcheckManager {
  if (typeof value === "object" && value !== null && hasTable(value)) return;
  throw new TypeError(
    `${where} must come from createHealthcheckManager() of this copy of @connectum/healthcheck, not be ${shown(value)}`,
  );
}

/**
 * Accepts numbers that the enum does not have yet. Others cannot be sent, and a negative one means a removed entry to
 * Rust.
 */
function assertStatus(method: string, status: unknown): void {
  if (typeof status === "number" && status >= 0 && status === (status | 0)) return;
  throw new TypeError(`HealthcheckManager.${method}: status must be one of ServingStatus, not ${shown(status)}`);
}
