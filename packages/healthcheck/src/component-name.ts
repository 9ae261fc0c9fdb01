// What a component may be called.

/** @throws Error for an empty name, and for a dotted one, which could be that of an RPC service */
export function assertComponentName(name: string): void {
  if (name === "") throw new Error("Component name must not be empty");
  if (!name.includes(".")) return;
  throw new Error(
    `Component name '${name}' must not contain dots: dotted names are reserved for RPC service typeNames`,
  );
}
