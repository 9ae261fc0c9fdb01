// The names that components may have.

/** @throws Error for an empty name, and for a name with a dot, which an RPC service could have */
export function assertComponentName(name: string): void {
  if (name === "") throw new Error("Component name must not be empty");
  if (!name.includes(".")) return;
  throw new Error(
    `Component name '${name}' must not contain dots: dotted names are reserved for RPC service typeNames`,
  );
}
