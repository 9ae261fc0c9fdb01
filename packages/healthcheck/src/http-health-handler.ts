// Health over plain HTTP, for load balancers and probes.
import type { HttpHandler, NodeResponse } from "@connectum/core/types";
import { assertManager, type HealthcheckManager, tableOf } from "./healthcheck-manager.ts";
import { assertPaths, DEFAULT_HTTP_PATHS } from "./http-paths.ts";
import { parseServiceFromUrl } from "./service-from-url.ts";
import { ServingStatus, statusName } from "./serving-status.ts";

/** The content of a response: a status, and whose status it is. */
interface Report {
  readonly status: ServingStatus;
  readonly service: string;
  /** Of `/readyz`: the entries that are not serving. Shown only with another status than `SERVING`. */
  readonly failing?: readonly string[];
}

/** The most entries that a response names. */
const MAX_FAILING = 20;

/**
 * Creates a handler for `node:http`, `node:http2`, or the `httpHandler` of a protocol. It responds to GET and HEAD for
 * exactly these paths, and returns false for others.
 *
 * `/livez` is SERVING while JavaScript runs, `/startupz` once everything has been SERVING at the same time. Any other
 * path reports the overall status, or that of the entry that the query names: `?service=name`.
 *
 * @param healthPaths default `/healthz`, `/health`, `/readyz`, `/livez`, `/startupz`
 * @throws TypeError for an invalid manager or path
 */
export function createHttpHealthHandler(
  manager: HealthcheckManager,
  healthPaths: readonly string[] = DEFAULT_HTTP_PATHS,
): HttpHandler {
  assertManager("createHttpHealthHandler: manager", manager);
  assertPaths("createHttpHealthHandler: healthPaths", healthPaths);
  const paths = new Set(healthPaths);
  return ({ url = "", headers, method }, response) => {
    const [path = ""] = url.split("?", 1);
    if (!paths.has(path)) return false;
    if (method !== "GET" && method !== "HEAD") {
      response.writeHead(405, { allow: "GET, HEAD", "cache-control": "no-store" });
      response.end();
      return true;
    }
    const authority = headers.host ?? headers[":authority"];
    const report = reportOn(manager, path, parseServiceFromUrl(url, authority?.toString()));
    send(response, report, method === "HEAD");
    return true;
  };
}

function reportOn(manager: HealthcheckManager, path: string, service: string | undefined): Report {
  if (path === "/livez") return { status: ServingStatus.SERVING, service: "overall" };
  if (path === "/startupz") return { status: overall(tableOf(manager).hasBeenServing), service: "overall" };
  if (service) return { status: manager.getStatus(service)?.status ?? ServingStatus.SERVICE_UNKNOWN, service };
  const report = { status: overall(manager.areAllHealthy()), service: service ?? "overall" };
  return path === "/readyz" ? { ...report, failing: failingOf(manager) } : report;
}

function failingOf(manager: HealthcheckManager): string[] {
  const failing = tableOf(manager)
    .entries()
    .filter(([, { status }]) => status !== ServingStatus.SERVING);
  return failing.slice(0, MAX_FAILING).map(([name]) => name);
}

function overall(isServing: boolean): ServingStatus {
  return isServing ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
}

function send(response: NodeResponse, { status, service, failing }: Report, isHead: boolean): void {
  const report = { status: statusName(status), service, timestamp: new Date().toISOString() };
  const isFailing = failing !== undefined && status !== ServingStatus.SERVING;
  const body = JSON.stringify(isFailing ? { ...report, failing } : report);
  response.writeHead(httpStatus(status), {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
  });
  if (isHead) response.end();
  else response.end(body);
}

function httpStatus(status: ServingStatus): number {
  if (status === ServingStatus.SERVING) return 200;
  return status === ServingStatus.SERVICE_UNKNOWN ? 404 : 503;
}
