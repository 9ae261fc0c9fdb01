// Health as servers of @connectum/core use it.
import type { HealthSink, HealthState } from "@connectum/hooks";
import type { DependencyChecks } from "./dependency-checks.ts";
import { type HealthcheckManager, tableOf } from "./healthcheck-manager.ts";
import type { Settings } from "./healthcheck-options.ts";
import { ServingStatus } from "./serving-status.ts";

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

  ready(): void {
    if (!this.#autoServing) return;
    const table = tableOf(this.#manager);
    // Another server with this manager may have removed some.
    const own = table.entries().filter(([name, { kind }]) => kind === "service" && this.#services.has(name));
    table.apply(
      [],
      own.map(([name, entry]) => [name, { ...entry, status: ServingStatus.SERVING }]),
    );
  }
}
