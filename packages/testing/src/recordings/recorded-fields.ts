// Headers and trailers of a recording.
import { compare } from "../order/by.ts";
import type { RecordedField } from "./recorded-call.ts";

/** What names a user. It is recorded that they were there. */
const SECRETS = new Set(["authorization", "cookie", "set-cookie", "proxy-authorization", "x-api-key"]);

/** Belongs to the protocol of a call. Each transport has its own. */
const OF_THE_PROTOCOL = /^(content-(type|length|encoding)|grpc-.*|connect-.*|trailer|date)$/;

/** By name, in which order not every runtime has them. */
export function recordedFields(headers: Headers): RecordedField[] {
  const fields = [...headers].filter(([name]) => !OF_THE_PROTOCOL.test(name));
  fields.sort(([one], [other]) => compare(one, other));
  return fields.map(([name, value]) => [name, SECRETS.has(name) ? "[REDACTED]" : value]);
}

/** Those of a recording, as `Headers` that the caller may change. */
export function headersOf(fields: readonly RecordedField[]): Headers {
  const headers = new Headers();
  for (const [name, value] of fields) headers.append(name, value);
  return headers;
}

/** Some request headers by their names; null for those that there are not. */
export function chosenHeaders(headers: Headers, names: readonly string[]): Record<string, string | null> {
  return Object.fromEntries(
    names.map((name) => {
      const value = headers.get(name);
      return [name, value !== null && SECRETS.has(name.toLowerCase()) ? "[REDACTED]" : value];
    }),
  );
}
