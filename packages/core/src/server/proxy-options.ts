// The options about proxies in front of a server: who they are, and what they tell.
import { assertArray, shown } from "@connectum/hooks";
import { isNetwork, type NativeListener } from "../boundary/native.ts";

const NETWORK = 'an IP address, a network such as "10.0.0.0/8", or "unix"';

/** @throws TypeError unless it is a boolean or a list of networks; RangeError for an empty list */
export function assertProxyProtocol(name: string, value: unknown): void {
  if (value === undefined || typeof value === "boolean") return;
  if (!Array.isArray(value)) {
    throw new TypeError(`createServer: ${name} must be true, false or a list of networks, not ${shown(value)}`);
  }
  if (value.length === 0) {
    throw new RangeError(`createServer: ${name} must name at least one network; true is every client, false is none`);
  }
  assertNetworks(name, value);
}

/** @throws TypeError unless it is a list of networks, or absent */
export function assertNetworks(name: string, value: unknown): void {
  assertArray("createServer", name, value);
  if (value === undefined) return;
  // Unlike forEach, entries() sees the holes of an array too.
  for (const [index, network] of (value as unknown[]).entries()) {
    if (typeof network === "string" && isNetwork(network)) continue;
    throw new TypeError(`createServer: ${name}[${index}] must be ${NETWORK}, not ${shown(network)}`);
  }
}

/** The option for Rust. */
export function nativeProxyProtocol(value: boolean | readonly string[] | undefined): NativeListener["proxyProtocol"] {
  if (value === undefined || value === false) return null;
  return { networks: value === true ? null : [...value] };
}
