// The servers that run: one anew for every measurement, or one for all the cases that want the same.
import type { ServerProcess } from "../scripts/server-process.mjs";
import type { ServerName } from "./case.ts";
import type { Variant } from "./peers/variant.ts";
import { startServer } from "./servers.ts";

export class ServerPool {
  readonly #kept = new Map<string, ServerProcess>();
  readonly #keeps: boolean;

  /**
   * @param keeps whether a server is used again, warm as it is; the next case then finds what the last one left in its
   * memory
   */
  constructor(keeps: boolean) {
    this.#keeps = keeps;
  }

  /** Has a server while `work` lasts. `isWarm` says whether it has been loaded before. */
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

  /** Ends those that were kept. */
  async end(): Promise<void> {
    for (const server of this.#kept.values()) await server.kill();
    this.#kept.clear();
  }
}
