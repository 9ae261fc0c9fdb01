// What a request has that the recording has not, line by line.
import { AssertionError } from "node:assert";
import { inspect } from "node:util";
import { isPlainObject } from "@connectum/hooks";

/**
 * Lines with `+` are those of the given value, lines with `-` those of the recorded one. Of texts longer than 200
 * characters there are 100, around the first that differs.
 */
export function difference(given: unknown, recorded: unknown): string {
  const [actual, expected] = [shortened(given, recorded), shortened(recorded, given)];
  const { message } = new AssertionError({ actual, expected, operator: "deepStrictEqual" });
  const lines = message.split("\n");
  const first = lines.findIndex((line) => line.startsWith("+ actual"));
  // Of numbers and short texts the message is another one.
  const shown = first === -1 ? [`+ ${inspect(actual)}`, `- ${inspect(expected)}`] : lines.slice(first + 1);
  return ["+ given - recorded", ...shown].join("\n").trimEnd();
}

const LONGEST = 200;
const SHOWN = 100;
const BEFORE = 20;

/** The value of JSON with shorter texts, which show where they differ from those of another one. */
function shortened(value: unknown, other: unknown): unknown {
  if (typeof value === "string") return shortText(value, typeof other === "string" ? other : "");
  if (Array.isArray(value)) {
    const others: unknown[] = Array.isArray(other) ? other : [];
    return value.map((element, index) => shortened(element, others[index]));
  }
  if (!isPlainObject(value)) return value;
  const others = isPlainObject(other) ? other : {};
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, shortened(one, Reflect.get(others, key))]));
}

function shortText(text: string, other: string): string {
  if (text.length <= LONGEST) return text;
  const from = text === other ? 0 : Math.max(0, firstDifference(text, other) - BEFORE);
  const to = Math.min(text.length, from + SHOWN);
  return `${text.slice(from, to)} (characters ${from + 1} to ${to} of ${text.length})`;
}

function firstDifference(text: string, other: string): number {
  let index = 0;
  while (index < text.length && text[index] === other[index]) index += 1;
  return index;
}
