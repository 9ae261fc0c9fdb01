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
}

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
  return { status: overall(manager.areAllHealthy()), service: service ?? "overall" };
}

function overall(isServing: boolean): ServingStatus {
  return isServing ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
}

function send(response: NodeResponse, { status, service }: Report, isHead: boolean): void {
  const body = JSON.stringify({ status: statusName(status), service, timestamp: new Date().toISOString() });
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
