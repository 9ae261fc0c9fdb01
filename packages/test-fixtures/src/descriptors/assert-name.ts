// Names as protobuf has them: of methods, and full ones of messages and services.

const IDENTIFIER = /^[A-Za-z_]\w*$/;
const FULL_NAME = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/;

/**
 * @param what the argument or option, for the error
 * @throws TypeError unless it is an identifier
 */
export function assertIdentifier(caller: string, what: string, value: unknown): asserts value is string {
  if (typeof value === "string" && IDENTIFIER.test(value)) return;
  throw new TypeError(`${caller}: ${what} must be a name, such as GetOrder, not ${shown(value)}`);
}

/**
 * @param what the argument or option, for the error
 * @param right an example
 * @throws TypeError unless it is one or more identifiers with dots between them
 */
export function assertFullName(caller: string, what: string, right: string, value: unknown): asserts value is string {
  if (typeof value === "string" && FULL_NAME.test(value)) return;
  throw new TypeError(`${caller}: ${what} must be a full name, such as ${right}, not ${shown(value)}`);
}

function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 100));
  return typeof value === "object" && value !== null ? "an object" : String(value);
}
