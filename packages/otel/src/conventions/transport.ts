// Whether a call stays in the process.
import { CONNECTUM_INTERNAL_TRANSPORT_HEADER, CONNECTUM_INTERNAL_TRANSPORT_IN_PROCESS } from "./names.ts";

export type ConnectumTransport = "in-process" | "http";

/** By the marker of `@connectum/core`, whose server removes it from what comes off the wire. Other servers do not. */
export function detectConnectumTransport(headers: Headers): ConnectumTransport {
  const marker = headers.get(CONNECTUM_INTERNAL_TRANSPORT_HEADER);
  return marker === CONNECTUM_INTERNAL_TRANSPORT_IN_PROCESS ? "in-process" : "http";
}
