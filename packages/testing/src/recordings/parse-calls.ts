// Reads the lines of a recording, which may be edited by hand, and says what is wrong in which line.
import { base64Decode } from "@bufbuild/protobuf/wire";
import { codeFromString } from "@connectrpc/connect/protocol-connect";
import { isPlainObject, shown } from "@connectum/hooks";
import type { RecordedCall } from "./recorded-call.ts";
import { headersOf } from "./recorded-fields.ts";
import { BINARY } from "./recorded-message.ts";

/** A call and its line, for errors; the first one is 1. */
export interface ReadCall extends RecordedCall {
  readonly line: number;
}

/**
 * The calls of a file. A byte order mark and empty lines are left out.
 *
 * @param name of the file, for errors
 * @throws TypeError for a line that is no call, with its number
 */
export function parseCalls(text: string, name: string): ReadCall[] {
  return text
    .replace(/^\uFEFF/, "")
    .split("\n")
    .flatMap((json, index) => {
      if (json.trim() === "") return [];
      const line = index + 1;
      const call = parsed(json);
      const complaint = call === undefined ? "it is no JSON" : complaintOf(call);
      if (complaint === undefined) return [{ ...(call as RecordedCall), line }];
      const right = 'a recorded call: {"method":"shop.v1.Orders/Get","headers":{},"requests":[{}], …}';
      throw new TypeError(`replay: line ${line} of ${name} is not ${right}. ${complaint}`);
    });
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** What is wrong with a value; undefined if nothing is. */
type Check = (value: unknown, path: string) => string | undefined;

function complaintOf(value: unknown): string | undefined {
  const complaint = call(value, "it");
  if (complaint !== undefined) return complaint;
  const { requests, responses } = value as RecordedCall;
  const index = responses.findIndex(({ after }) => after > requests.length);
  // A response after more requests than there were would never come.
  if (index === -1) return undefined;
  return `responses[${index}].after must be at most ${requests.length}, the number of requests`;
}

function must(right: string, isRight: (value: unknown) => boolean): Check {
  return (value, path) => (isRight(value) ? undefined : `${path} must be ${right}, not ${shown(value)}`);
}

function object(fields: Readonly<Record<string, Check>>): Check {
  return (value, path) => {
    if (!isPlainObject(value)) return `${path} must be an object, not ${shown(value)}`;
    return first(Object.entries(fields), ([name, check]) => {
      return check(Reflect.get(value, name), path === "it" ? name : `${path}.${name}`);
    });
  };
}

function listOf(check: Check): Check {
  return (value, path) => {
    if (!Array.isArray(value)) return `${path} must be an array, not ${shown(value)}`;
    return first([...value.entries()], ([index, element]) => check(element, `${path}[${index}]`));
  };
}

function optional(check: Check): Check {
  return (value, path) => (value === undefined ? undefined : check(value, path));
}

function first<T>(all: readonly T[], complaintOf: (one: T) => string | undefined): string | undefined {
  for (const one of all) {
    const complaint = complaintOf(one);
    if (complaint !== undefined) return complaint;
  }
  return undefined;
}

function succeeds(run: () => unknown): boolean {
  try {
    run();
    return true;
  } catch {
    return false;
  }
}

function isField([name, value]: readonly unknown[]): boolean {
  return typeof name === "string" && typeof value === "string" && succeeds(() => headersOf([[name, value]]));
}

const text = must("a text", (value) => typeof value === "string");
const base64 = must("a text in base64", (value) => typeof value === "string" && succeeds(() => base64Decode(value)));
const fields = listOf(
  must('["name","value"] of a header', (value) => Array.isArray(value) && value.length === 2 && isField(value)),
);
const message: Check = (value, path) => {
  if (value === undefined) return `${path} is missing`;
  const binary: unknown = isPlainObject(value) ? Reflect.get(value, BINARY) : undefined;
  return binary === undefined ? undefined : base64(binary, `${path}.${BINARY}`);
};
const requestHeaders: Check = (value, path) => {
  if (!isPlainObject(value)) return `${path} must be an object, not ${shown(value)}`;
  const wrong = Object.entries(value).find(([name, one]) => !isField([name, one ?? ""]));
  return (
    wrong && `${path} must have names of headers, each with a text or null, not ${shown(wrong[0])}: ${shown(wrong[1])}`
  );
};

const call = object({
  method: must("the name of a method", (value) => typeof value === "string" && /^[^/]+\/[^/]+$/.test(value)),
  headers: requestHeaders,
  requests: listOf(message),
  readAll: must("true or false", (value) => typeof value === "boolean"),
  header: fields,
  responses: listOf(
    object({
      after: must("a number of requests", (value) => Number.isInteger(value) && (value as number) >= 0),
      ended: optional(must("true, or absent", (value) => value === true)),
      message,
    }),
  ),
  trailer: fields,
  error: optional(
    object({
      code: must("the name of a code, such as not_found", (value) => {
        return typeof value === "string" && codeFromString(value) !== undefined;
      }),
      message: text,
      details: listOf(object({ type: text, value: base64 })),
      metadata: fields,
    }),
  ),
});
