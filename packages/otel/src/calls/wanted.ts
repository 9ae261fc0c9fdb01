// Which calls are recorded.
import type { OtelFilter } from "./call-options.ts";
import type { AnyRequest } from "./chain.ts";

/** @throws whatever the filter throws */
export function isWanted(filter: OtelFilter | undefined, { service, method, stream }: AnyRequest): boolean {
  return filter === undefined || Boolean(filter({ service: service.typeName, method: method.name, stream }));
}
