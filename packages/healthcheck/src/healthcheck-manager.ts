// Where an application says how healthy it is.

import { shown } from "@connectum/hooks";
import { assertComponentName } from "./component-name.ts";
import { type ServiceStatus, ServingStatus } from "./serving-status.ts";
import { type Entry, type StatusListener, StatusTable } from "./status-table.ts";

/** The table of a manager, for the other modules of this package. */
export let tableOf: (manager: HealthcheckManager) => StatusTable;

let hasTable: (value: object) => boolean;

/**
 * Keeps one status for each RPC service of a server, and for each component that the application adds. Any number of
 * servers may answer from one manager; each replaces the services of the one before, so give servers with different
 * services managers of their own.
 */
export class HealthcheckManager {
  readonly #table = new StatusTable();
  #isInitialized = false;
  /** The blanket update that came before there were services. */
  #remembered: ServingStatus | undefined;

  static {
    tableOf = (manager) => manager.#table;
    hasTable = (value) => #table in value;
  }

  /**
   * Sets one entry, or without a name all of them, but for components that a check sets. Before the server has made
   * its routes an update without a name is remembered, and applied to the services when they are there.
   *
   * @throws Error naming the entries there are, for a name that is none of them; TypeError for a status that is none
   */
  update(status: ServingStatus, service?: string): void {
    assertStatus("update", status);
    if (service === undefined) {
      if (!this.#isInitialized) this.#remembered = status;
      const all = this.#table.entries().filter(([name]) => !this.#table.isOwned(name));
      this.#table.apply(
        [],
        all.map(([name, entry]) => [name, { ...entry, status }]),
      );
      return;
    }
    const entry = this.#table.get(service);
    if (entry === undefined) {
      const names = this.#table.entries().map(([name]) => name);
      throw new Error(`Unknown service '${service}'. Registered services: ${names.join(", ")}`);
    }
    this.#table.apply([], [[service, { ...entry, status }]]);
  }

  /**
   * Adds a component; one that is there already is left as it is.
   *
   * @param initialStatus default `UNKNOWN`
   * @throws Error for a name that is empty, has a dot, or is a service's; TypeError for a status that is none
   */
  register(component: string, initialStatus: ServingStatus = ServingStatus.UNKNOWN): void {
    assertStatus("register", initialStatus);
    this.#assertComponent(component);
    if (this.#table.get(component) !== undefined) return;
    this.#table.apply([], [[component, { kind: "component", status: initialStatus }]]);
  }

  /**
   * Sets the status of a component, and adds it if it is not there.
   *
   * @throws Error for a name that is empty, has a dot, or is a service's; TypeError for a status that is none
   */
  set(component: string, status: ServingStatus): void {
    assertStatus("set", status);
    this.#assertComponent(component);
    this.#table.apply([], [[component, { kind: "component", status }]]);
  }

  /**
   * Removes a component, if it is there.
   *
   * @throws Error for the name of a service
   */
  unregister(component: string): void {
    this.#assertNoService(component);
    this.#table.apply([component], []);
  }

  /** @returns a new object; undefined for a name that is not known */
  getStatus(service: string): ServiceStatus | undefined {
    const entry = this.#table.get(service);
    return entry && { status: entry.status };
  }

  /** @returns a new map, in the order in which the entries came */
  getAllStatuses(): Map<string, ServiceStatus> {
    return new Map(this.#table.entries().map(([name, { status }]) => [name, { status }]));
  }

  /** Whether there are entries, and all of them are `SERVING`: the overall status. */
  areAllHealthy(): boolean {
    return this.#table.isServing;
  }

  /**
   * Makes these the services: others are removed, those already there keep their status. Components stay. The
   * protocol calls it; applications do not.
   */
  initialize(serviceNames: string[]): void {
    const wanted = new Set(serviceNames);
    const gone = this.#table.entries().filter(([name, { kind }]) => kind === "service" && !wanted.has(name));
    const status = this.#remembered ?? ServingStatus.UNKNOWN;
    this.#remembered = undefined;
    this.#isInitialized = true;
    const added = [...wanted].filter((name) => this.#table.get(name) === undefined);
    this.#table.apply(
      gone.map(([name]) => name),
      added.map((name): [string, Entry] => [name, { kind: "service", status }]),
    );
  }

  /** Removes all entries, of both kinds, and forgets an update that waits for services. */
  clear(): void {
    this.#remembered = undefined;
    this.#table.clear();
  }

  /**
   * Calls `listener` with all that one act has changed, `[name, status]` each and null for an entry that is gone, from
   * within that act. What it throws, the act throws, once everybody has been told.
   *
   * @returns ends it
   */
  subscribe(listener: StatusListener): () => void {
    return this.#table.subscribe(listener);
  }

  /**
   * Milliseconds by which the event loop was late when a server last looked; the largest, if several servers answer
   * from this manager, and 0 if none does.
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

/** @returns a manager of its own, for a server or a test that shares its health with nobody */
export function createHealthcheckManager(): HealthcheckManager {
  return new HealthcheckManager();
}

/** The manager of every `Healthcheck()` that is given no other. It lives as long as the process. */
export const healthcheckManager: HealthcheckManager = createHealthcheckManager();

/** @throws TypeError for what no function of this package has made, another copy of the package included */
export function assertManager(where: string, value: unknown): asserts value is HealthcheckManager {
  if (typeof value === "object" && value !== null && hasTable(value)) return;
  throw new TypeError(
    `${where} must come from createHealthcheckManager() of this copy of @connectum/healthcheck, not be ${shown(value)}`,
  );
}

/** Numbers that the enum does not have yet can be sent; anything else cannot, and one below zero says that an entry is gone. */
function assertStatus(method: string, status: unknown): void {
  if (typeof status === "number" && status >= 0 && status === (status | 0)) return;
  throw new TypeError(`HealthcheckManager.${method}: status must be one of ServingStatus, not ${shown(status)}`);
}
