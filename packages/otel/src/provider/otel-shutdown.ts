// The end of the provider, with the server's.
import { assertMethods, assertStrings } from "@connectum/hooks";
import { textOf } from "../faults/thrown.ts";
import { shutdownProvider } from "./current-provider.ts";

const WHERE = "otelShutdown";

/** What is needed of a server of `@connectum/core`. */
export interface ServerWithHooks {
  onShutdown(name: string, dependencies: string[], handler: () => Promise<void>): unknown;
}

/**
 * Shuts the provider down when the server has drained, as the hook `otel`. What cannot be exported is reported on the
 * console, and is no failure of the stop.
 *
 * @param after the names of hooks that may still record something: it runs after them
 * @throws TypeError for anything but a server, and for anything but an array of names
 */
export function otelShutdown(server: ServerWithHooks, after: readonly string[] = []): void {
  if (server === undefined) throw new TypeError(`${WHERE}: server must be a server of @connectum/core, not undefined`);
  assertMethods(WHERE, "server", server, ["onShutdown"]);
  assertStrings(WHERE, "after", after);
  server.onShutdown("otel", [...after], async () => {
    try {
      await shutdownProvider();
    } catch (error) {
      console.warn(`@connectum/otel: not everything was exported before the end: ${textOf(error)}`);
    }
  });
}
