// The end of the provider, with the server's.
import { shutdownProvider } from "./current-provider.ts";

/** What is needed of a server of `@connectum/core`. */
export interface ServerWithHooks {
  onShutdown(name: string, dependencies: string[], handler: () => Promise<void>): unknown;
}

/**
 * Shuts the provider down when the server has drained, as the hook `otel`. What cannot be exported is reported on the
 * console, and is no failure of the stop.
 *
 * @param after hooks that may still record something: it runs after them
 */
export function otelShutdown(server: ServerWithHooks, after: readonly string[] = []): void {
  server.onShutdown("otel", [...after], async () => {
    try {
      await shutdownProvider();
    } catch (error) {
      console.warn("@connectum/otel: not everything was exported before the end:", error);
    }
  });
}
