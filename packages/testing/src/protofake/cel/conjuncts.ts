// An expression as the parts that all have to be true, so that a search sees when one more of them is.
import { parse, unparse } from "@bufbuild/cel";
import type { Expression } from "./expressions.ts";
import { textOf } from "./walk.ts";

/** The parts of `a && b`, and of `a && b ? "" : "a complaint"`. An expression without parts is its only one. */
export function conjuncts(text: string): string[] {
  try {
    const parsed = parse(text);
    const parts = partsOf(parsed.expr);
    return parts.length < 2 ? [text] : parts.map((expr) => unparse({ ...parsed, expr }));
  } catch {
    // The validator reports what does not compile.
    return [text];
  }
}

function partsOf(expression: Expression): Expression[] {
  const { exprKind } = expression;
  if (exprKind.case !== "callExpr") return [expression];
  const { function: name, args } = exprKind.value;
  if (name === "_&&_") return args.flatMap(partsOf);
  const [condition, valid, invalid] = args;
  const isCondition = name === "_?_:_" && textOf(valid) === "" && (textOf(invalid) ?? "") !== "";
  return isCondition && condition !== undefined ? partsOf(condition) : [expression];
}
