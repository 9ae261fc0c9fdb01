// Finds a method of a catalog by its name.
import type { DescMethod } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { shown } from "@connectum/hooks";
import type { ServiceCatalog } from "./catalog.ts";

/**
 * @param key `<package>.<Service>/<Method>`
 * @param caller begins the texts: `ctx`, for example
 * @throws ConnectError `unimplemented` if there is no such method; `failed_precondition` without a catalog
 */
export function methodOf(catalog: ServiceCatalog | undefined, key: string, caller: string): DescMethod {
  // At run time it may be anything, a descriptor for example.
  const slash = typeof key === "string" ? key.lastIndexOf("/") : -1;
  if (slash <= 0 || slash === key.length - 1) {
    const given = typeof key === "string" ? `"${key}"` : shown(key);
    // The placeholders are a part of the text.
    const right = `expected "\${typeName}/\${Method}"`;
    throw new ConnectError(`${caller}: malformed method key ${given} (${right}).`, Code.Unimplemented);
  }
  if (catalog === undefined) {
    const right = "pass createServer({ catalog }) to enable cross-service calls";
    throw new ConnectError(`${caller}: no catalog is configured; ${right}.`, Code.FailedPrecondition);
  }
  const [typeName, name] = [key.slice(0, slash), key.slice(slash + 1)];
  const service = Object.hasOwn(catalog, typeName) ? catalog[typeName] : undefined;
  if (service === undefined) {
    throw new ConnectError(
      `${caller}: unknown service "${typeName}" (no such key in the catalog).`,
      Code.Unimplemented,
    );
  }
  const method = service.methods.find((one) => one.name === name);
  if (method === undefined) {
    throw new ConnectError(`${caller}: "${typeName}" has no method "${name}".`, Code.Unimplemented);
  }
  return method;
}
