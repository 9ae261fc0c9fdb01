// The names of a server's events. A listener of another one would never be called.
import { nearestName } from "@connectum/hooks";
import { LifecycleEvent } from "./server.ts";

/** The events of a server, and those of every `EventEmitter`. */
const NAMES: readonly string[] = [...Object.values(LifecycleEvent), "newListener", "removeListener"];

/** A warning for a name that no server emits; undefined for others, and for symbols, which programs make themselves. */
export function unknownEvent(name: unknown): string | undefined {
  if (typeof name !== "string" || NAMES.includes(name)) return undefined;
  const names = Object.values(LifecycleEvent);
  const nearest = nearestName(name, names);
  const right = nearest === undefined ? `There are ${names.join(", ")}.` : `Did you mean "${nearest}"?`;
  return `server.on: a server does not emit "${name}". ${right}`;
}
