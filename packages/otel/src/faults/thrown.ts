// Values that were thrown, which may be anything: getters that throw, revoked proxies, errors without a class.
import { ConnectError } from "@connectrpc/connect";

const UNREADABLE = "an error that cannot be read";

/** The text of an error, or of whatever else was thrown. Never throws. */
export function textOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? String(thrown.message) : String(thrown);
  } catch {
    return UNREADABLE;
  }
}

/** As `instanceof Error`. Never throws. */
export function isError(thrown: unknown): thrown is Error {
  try {
    return thrown instanceof Error;
  } catch {
    return false;
  }
}

/** As `instanceof ConnectError`. Never throws. */
export function isConnectError(thrown: unknown): thrown is ConnectError {
  try {
    return thrown instanceof ConnectError;
  } catch {
    return false;
  }
}

/** A property, if it can be read and is a text that is not empty. Never throws. */
export function textAt(object: object, key: "name" | "stack"): string | undefined {
  try {
    const value: unknown = Reflect.get(object, key);
    return typeof value === "string" && value !== "" ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The name of an error's class, else of the error, else `Error`. Never throws. */
export function classNameOf(error: Error): string {
  try {
    const name: unknown = error.constructor.name;
    if (typeof name === "string" && name !== "") return name;
  } catch {
    // It has none.
  }
  return textAt(error, "name") ?? "Error";
}
