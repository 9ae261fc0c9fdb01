// The address of a server, as people write it.
import { CliError } from "../failures/cli-error.ts";

/**
 * The URL of `host:port`, which is `http:`, or of a URL.
 *
 * @throws CliError for anything else
 */
export function addressOf(text: string): string {
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text);
  const url = hasScheme ? text : `http://${text}`;
  let parsed: URL | undefined;
  try {
    parsed = new URL(url);
  } catch {
    // Told below.
  }
  if (parsed === undefined || text === "" || !/^https?:$/.test(parsed.protocol)) {
    throw new CliError(`"${text}" is no address of a server: give host:port, or a URL with http or https`);
  }
  return url;
}
