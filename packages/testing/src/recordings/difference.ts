// What a request has that the recording has not, line by line.
import { AssertionError } from "node:assert";

/** Lines with `+` are those of the given value, lines with `-` those of the recorded one. */
export function difference(given: unknown, recorded: unknown): string {
  const { message } = new AssertionError({ actual: given, expected: recorded, operator: "deepStrictEqual" });
  const lines = message.split("\n");
  const first = lines.findIndex((line) => line.startsWith("+ actual"));
  return ["+ given - recorded", ...lines.slice(first + 1)].join("\n").trimEnd();
}
