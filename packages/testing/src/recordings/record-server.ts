// recordServer(): the calls of a server, in a file.
import { appendFileSync, writeFileSync } from "node:fs";
import type { Registry } from "@bufbuild/protobuf";
import type { Interceptor } from "@connectrpc/connect";
import type { Server } from "@connectum/core";
import { assertKnownKeys, assertMethods, assertStrings, type Keys, reportOf, shown } from "@connectum/hooks";
import { CallRecorder } from "./call-recorder.ts";

export interface RecordServerOptions {
  /** Names of request headers that are recorded, and must be the same in a call that is answered. Default: none. */
  readonly headers?: readonly string[] | undefined;
  /** The types in `Any` and in error details that the handlers did not make. Default: none. */
  readonly registry?: Registry | undefined;
}

const KEYS = { headers: true, registry: true } as const satisfies Keys<RecordServerOptions>;

/**
 * Records the calls of a server as JSON lines, for `replay()`: an interceptor around all others, so what clients get.
 * Not recorded are health and reflection, which run no interceptors, and calls that their client gives up.
 *
 * Fields marked `debug_redact` are `[REDACTED]`, or absent if they are no strings; so are headers that name a user,
 * such as `set-cookie`. The content of an `Any` is left out. What cannot be recorded fails no call:
 * `$unrecorded` stands for such a message, and the server's log has the first one.
 *
 * @param server one that is not started, and whose routes are not used yet
 * @param file is written anew, then by each call when it has ended
 * @throws TypeError for anything but a server, and for invalid options; Error once the server has been started, or its
 *   routes used; the error of the file
 */
export function recordServer(server: Server, file: string | URL, options: RecordServerOptions = {}): void {
  if (server === undefined) throw new TypeError("recordServer: the server is missing");
  assertMethods("recordServer", "the server", server, ["addInterceptor"]);
  assertFile("recordServer", file);
  assertKnownKeys(options, KEYS, { where: "recordServer" });
  const { headers = [], registry } = options;
  assertStrings("recordServer", "headers", headers);
  headers.forEach(assertHeaderName);
  assertMethods("recordServer", "registry", registry, ["getMessage"]);
  let hasFailed = false;
  const recording: Interceptor = (next) => (request) => {
    const recorder = new CallRecorder(request, {
      headers,
      registry,
      failed(what, reason) {
        if (hasFailed) return;
        hasFailed = true;
        const method = `${request.service.typeName}/${request.method.name}`;
        reportOf(request)?.(
          reason,
          `recordServer: ${what} of ${method} could not be recorded; later ones are not logged`,
        );
      },
      write(call) {
        try {
          appendFileSync(file, `${JSON.stringify(call)}\n`);
        } catch (error) {
          // The client is not to blame.
          reportOf(request)?.(error);
        }
      },
    });
    return recorder.run(next as Parameters<CallRecorder["run"]>[0]) as ReturnType<typeof next>;
  };
  server.addInterceptor(recording, "outermost");
  writeFileSync(file, "");
}

/** `Headers` knows which names are possible. */
function assertHeaderName(name: string, index: number): void {
  try {
    new Headers().has(name);
  } catch (cause) {
    const message = `recordServer: headers[${index}] must be the name of a header, not ${shown(name)}`;
    throw new TypeError(message, { cause });
  }
}

/** @throws TypeError unless it is a path or a URL */
export function assertFile(where: string, file: unknown): asserts file is string | URL {
  if (typeof file === "string" || file instanceof URL) return;
  throw new TypeError(`${where}: the file must be a path or a URL, not ${shown(file)}`);
}
