// The running servers: a new one per measurement, or one for all cases with the same setup.
import type { ServerProcess } from "../scripts/server-process.mjs";
import type { ServerName } from "./case.ts";
import type { Variant } from "./peers/variant.ts";
import { startServer } from "./servers.ts";

export class ServerPool {
  readonly #kept = new Map<string, ServerProcess>();
  readonly #keeps: boolean;

  /** @param keeps whether servers are reused; a case then runs in a heap with traces of the one before */
  constructor(keeps: boolean) {
    this.#keeps = keeps;
  }

  /** Provides a server while `work` runs. `isWarm` says whether it was under load before. */
  async use<T>(
    name: ServerName,
    variant: Variant | undefined,
    work: (server: ServerProcess, isWarm: boolean) => Promise<T>,
  ): Promise<T> {
    const key = `${name} ${variant}`;
    const kept = this.#kept.get(key);
    const server = kept ?? (await startServer(name, variant));
    if (this.#keeps) this.#kept.set(key, server);
    try {
      return await work(server, kept !== undefined);
    } finally {
      if (!this.#keeps) await server.kill();
    }
  }

  /** Ends the kept servers. */
  async end(): Promise<void> {
    for (const server of this.#kept.values()) await server.kill();
    this.#kept.clear();
  }
}
