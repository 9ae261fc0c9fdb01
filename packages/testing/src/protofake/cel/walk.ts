// Goes through expressions.
import type { Expression } from "./expressions.ts";

/** The expressions directly within an expression. */
export function within({ exprKind }: Expression): Expression[] {
  const present = (...parts: readonly (Expression | undefined)[]) => parts.filter((part) => part !== undefined);
  switch (exprKind.case) {
    case "selectExpr":
      return present(exprKind.value.operand);
    case "callExpr":
      return present(exprKind.value.target, ...exprKind.value.args);
    case "listExpr":
      return exprKind.value.elements;
    case "structExpr":
      return exprKind.value.entries.flatMap(({ keyKind, value }) => {
        return present(keyKind.case === "mapKey" ? keyKind.value : undefined, value);
      });
    case "comprehensionExpr": {
      const { iterRange, accuInit, loopCondition, loopStep, result } = exprKind.value;
      return present(iterRange, accuInit, loopCondition, loopStep, result);
    }
    default:
      return [];
  }
}

/** The expression and all within it. */
export function* all(expression: Expression): Generator<Expression> {
  yield expression;
  for (const inner of within(expression)) yield* all(inner);
}

/** The constant text that the expression is. */
export function textOf(expression: Expression | undefined): string | undefined {
  const { exprKind } = expression ?? {};
  if (exprKind?.case !== "constExpr" || exprKind.value.constantKind.case !== "stringValue") return undefined;
  return exprKind.value.constantKind.value;
}
