// Which service a request over plain HTTP asks about.

/**
 * The first `service` of the query, decoded.
 *
 * @param url path and query, as `request.url` has them
 * @param host the authority that the request names; default `localhost`
 * @returns undefined without one, and for what cannot be parsed
 */
export function parseServiceFromUrl(url: string | undefined, host: string | undefined): string | undefined {
  if (!url) return undefined;
  try {
    return new URL(url, `http://${host || "localhost"}`).searchParams.get("service") ?? undefined;
  } catch {
    return undefined;
  }
}
