// `connectum.report`: lets an interceptor write into the log of a server that it does not know.

/** The key of a request's {@link Report}. Requests of a `@connectum/core` server have one. */
export const REPORT = Symbol.for("connectum.report");

/**
 * Writes an error into the server's log.
 *
 * @param error the error, or other details; with a `text` it may be undefined
 * @param text the line of the log. Default: one that names the method that failed
 */
export type Report = (error: unknown, text?: string) => void;

/** The function under {@link REPORT}; undefined for requests of clients and of other servers. */
export function reportOf(request: object): Report | undefined {
  const report: unknown = Reflect.get(request, REPORT);
  return typeof report === "function" ? (report as Report) : undefined;
}
