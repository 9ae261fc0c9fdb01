// Health as servers of @connectum/core use it.
import timers from "node:timers";
import type { HealthSink, HealthState } from "@connectum/hooks";
import type { DependencyChecks } from "./dependency-checks.ts";
import { type HealthcheckManager, healthcheckManager, tableOf } from "./healthcheck-manager.ts";
import type { Settings } from "./healthcheck-options.ts";
import { ServingStatus } from "./serving-status.ts";

/** How long after the start a server may have no health before a warning says so. */
const PATIENCE_MS = 5_000;

/** Implements the interface that core declares. Several servers may share one. */
export class ServedHealth implements HealthState {
  readonly interceptors: boolean;
  readonly httpPaths: readonly string[];
  readonly eventLoopTimeout: number;
  readonly livenessTimeout: number;
  readonly #manager: HealthcheckManager;
  readonly #autoServing: boolean;
  readonly #checks: DependencyChecks;
  readonly #services = new Set<string>();
  #hasWarned = false;

  constructor(settings: Settings, checks: DependencyChecks) {
    this.interceptors = settings.interceptors;
    this.httpPaths = settings.httpEnabled ? settings.httpPaths : [];
    this.eventLoopTimeout = settings.eventLoopTimeout;
    this.livenessTimeout = settings.livenessTimeout;
    this.#manager = settings.manager;
    this.#autoServing = settings.autoServing;
    this.#checks = checks;
  }

  initialize(services: readonly string[]): void {
    for (const name of services) this.#services.add(name);
    this.#manager.initialize([...services]);
  }

  attach(sink: HealthSink): () => void {
    this.#checks.start();
    let detach: () => void;
    try {
      detach = tableOf(this.#manager).attach(sink);
    } catch (error) {
      this.#checks.stop();
      throw error;
    }
    let isAttached = true;
    return () => {
      if (!isAttached) return;
      isAttached = false;
      detach();
      this.#checks.stop();
    };
  }

  ready(warn?: (message: string) => void): () => void {
    if (this.#autoServing) this.#serve();
    if (warn === undefined || this.#hasWarned) return () => {};
    const timer = timers.setTimeout(() => {
      const silence = this.#hasWarned ? undefined : this.#silence();
      if (silence === undefined) return;
      this.#hasWarned = true;
      warn(silence);
    }, PATIENCE_MS);
    timer.unref();
    return () => timers.clearTimeout(timer);
  }

  #serve(): void {
    const table = tableOf(this.#manager);
    // Another server with this manager may have removed some.
    const own = table.entries().filter(([name, { kind }]) => kind === "service" && this.#services.has(name));
    table.apply(
      [],
      own.map(([name, entry]) => [name, { ...entry, status: ServingStatus.SERVING, isSet: true }]),
    );
  }

  /** The warning for services whose status nobody has set, and for no entry at all; undefined if there is nothing. */
  #silence(): string | undefined {
    const entries = tableOf(this.#manager).entries();
    const unset = entries.filter(([name, { isSet }]) => !isSet && this.#services.has(name)).map(([name]) => name);
    if (entries.length > 0 && unset.length === 0) return undefined;
    const what =
      entries.length === 0
        ? "there is nothing to report: no service is mounted, and no component was registered"
        : `the status of ${listed(unset)} has not been set`;
    const manager = this.#manager === healthcheckManager ? "healthcheckManager" : "its manager";
    const right =
      entries.length === 0
        ? `Add one with set() of ${manager}`
        : `Call update(ServingStatus.SERVING) of ${manager}, or use Healthcheck({ autoServing: true })`;
    const since = `${PATIENCE_MS / 1000} seconds after the server was ready`;
    return `Healthcheck: ${since} ${what}. Health checks and /readyz fail because of that. ${right}`;
  }
}

/** The first three of them. */
function listed(names: readonly string[]): string {
  const more = names.length > 3 ? ` and ${names.length - 3} more` : "";
  return names.slice(0, 3).join(", ") + more;
}
