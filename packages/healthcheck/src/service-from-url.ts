// The service that an HTTP request asks about.

/**
 * The first `service` parameter of the query, decoded.
 *
 * @param url path and query, as in `request.url`
 * @param host the authority of the request; default `localhost`
 * @returns undefined without the parameter, and for a URL that cannot be parsed
 */
export function parseServiceFromUrl(url: string | undefined, host: string | undefined): string | undefined {
  if (!url) return undefined;
  try {
    return new URL(url, `http://${host || "localhost"}`).searchParams.get("service") ?? undefined;
  } catch {
    return undefined;
  }
}
