// The fields that an expression reads.
import type { Expression } from "./expressions.ts";
import { within } from "./walk.ts";

/** From `this`: names of fields, the places of items, and `*` for each item of a list and each value of a map. */
export type ValuePath = readonly string[];

type Variables = ReadonlyMap<string, ValuePath>;

const THIS: Variables = new Map([["this", []]]);

/** The paths that the expression reads, the longest ones: `this.a.b` is one path. */
export function pathsOf(expression: Expression, variables: Variables = THIS): ValuePath[] {
  const path = pathOf(expression, variables);
  if (path !== undefined) return path.length === 0 ? [] : [path];
  const { exprKind } = expression;
  if (exprKind.case !== "comprehensionExpr") return within(expression).flatMap((inner) => pathsOf(inner, variables));
  const { iterRange, iterVar } = exprKind.value;
  const range = iterRange && rangeOf(iterRange, variables);
  const inside = range === undefined ? variables : new Map([...variables, [iterVar, range]]);
  return within(expression).flatMap((inner) => pathsOf(inner, inner === iterRange ? variables : inside));
}

/** The path of what a variable goes over. */
function rangeOf(range: Expression, variables: Variables): ValuePath | undefined {
  const path = pathOf(range, variables);
  if (path !== undefined) return [...path, "*"];
  const [only, ...others] = range.exprKind.case === "listExpr" ? range.exprKind.value.elements : [];
  return only === undefined || others.length > 0 ? undefined : pathOf(only, variables);
}

/** The path that the expression is, if it is one. */
function pathOf({ exprKind }: Expression, variables: Variables): ValuePath | undefined {
  switch (exprKind.case) {
    case "identExpr":
      return variables.get(exprKind.value.name);
    case "selectExpr": {
      const { operand, field } = exprKind.value;
      const path = operand && pathOf(operand, variables);
      return path && [...path, field];
    }
    case "callExpr": {
      const { function: name, args } = exprKind.value;
      const [operand] = args;
      // `dyn` hides the type, and not the value.
      if (name === "dyn" && operand !== undefined) return pathOf(operand, variables);
      if (name !== "_[_]" || operand === undefined) return undefined;
      const path = pathOf(operand, variables);
      const { exprKind: index } = args[1] ?? {};
      const place = index?.case === "constExpr" ? index.value.constantKind : undefined;
      return path && [...path, place?.case === "int64Value" ? String(place.value) : "*"];
    }
    default:
      return undefined;
  }
}
