// The arguments of a traced function, as an attribute of its span.
import type { Span } from "@opentelemetry/api";
import { exceptionOf } from "../conventions/exception.ts";
import { reportFault } from "../faults/report-fault.ts";

/** What is recorded. */
export interface ArgumentTerms {
  /** All arguments, or those whose name or position (`"0"`) is listed. */
  readonly recordArgs: boolean | readonly string[];
  /** Changes what is recorded, such as secrets. */
  readonly filter: ((args: unknown[]) => unknown[]) | undefined;
  /** The parameters' names; empty where they cannot be read. */
  readonly names: readonly string[];
}

/**
 * Sets `function.args`, the JSON of the arguments. What cannot be recorded, or whose filter throws, is an `exception`
 * event: the function is called all the same.
 */
export function recordArguments(span: Span, args: readonly unknown[], terms: ArgumentTerms): void {
  const { recordArgs, filter, names } = terms;
  if (recordArgs === false) return;
  try {
    if (!span.isRecording()) return;
    const isListed = (index: number) =>
      recordArgs === true || recordArgs.includes(`${index}`) || recordArgs.includes(names[index] ?? `${index}`);
    const selected = args.filter((_, index) => isListed(index));
    span.setAttribute("function.args", JSON.stringify(filter === undefined ? selected : filter(selected)));
  } catch (error) {
    try {
      span.recordException(exceptionOf(error));
    } catch (fault) {
      reportFault(fault);
    }
  }
}

/**
 * The names of a function's parameters, from its source, so of minified code the short ones. A parameter that is no
 * plain name, and all after it, have none.
 */
export function parameterNames(fn: object): string[] {
  const source = Function.prototype.toString.call(fn);
  const [, list = ""] = /^(?:async\s+)?(?:function\b\s*\*?\s*)?[\w$]*\s*\(([^)]*)\)/.exec(source) ?? [];
  const [, single] = /^(?:async\s+)?([\w$]+)\s*=>/.exec(source) ?? [];
  if (single !== undefined) return [single];
  const names: string[] = [];
  for (const part of list.split(",")) {
    const [, name] = /^\s*([\w$]+)\s*(?:=[^{[(]*)?$/.exec(part) ?? [];
    if (name === undefined) break;
    names.push(name);
  }
  return names;
}
