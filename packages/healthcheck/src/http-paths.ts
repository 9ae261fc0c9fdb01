// The paths of the HTTP endpoints.
import { shown } from "@connectum/hooks";

/** The default paths. */
export const DEFAULT_HTTP_PATHS: readonly string[] = ["/healthz", "/health", "/readyz", "/livez", "/startupz"];

/**
 * The default paths, with the variable `HTTP_HEALTH_PATH` in place of `/healthz`.
 *
 * @throws TypeError unless the variable is a path
 */
export function defaultHttpPaths(env: NodeJS.ProcessEnv): readonly string[] {
  const path = env["HTTP_HEALTH_PATH"];
  if (!path) return DEFAULT_HTTP_PATHS;
  assertPath("Healthcheck: the variable HTTP_HEALTH_PATH", path);
  return [path, ...DEFAULT_HTTP_PATHS.filter((one) => one !== "/healthz")];
}

/** @throws TypeError unless `paths` is an array of paths without query and fragment */
export function assertPaths(where: string, paths: unknown): asserts paths is readonly string[] {
  if (!Array.isArray(paths)) throw new TypeError(`${where} must be an array of paths, not ${shown(paths)}`);
  for (const [index, path] of paths.entries()) assertPath(`${where}[${index}]`, path);
}

function assertPath(where: string, path: unknown): void {
  if (typeof path === "string" && /^\/[^?#\s]*$/.test(path)) return;
  throw new TypeError(`${where} must be a path that begins with "/" and has no query, not ${shown(path)}`);
}
