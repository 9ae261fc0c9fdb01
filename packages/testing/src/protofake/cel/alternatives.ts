// An expression as the ways in which it is true, each of which is a list of parts that all have to be true. A search
// for one way sees when one more part is.
import { parse, unparse } from "@bufbuild/cel";
import type { Expression } from "./expressions.ts";

/** Expressions that all have to be true. */
export type Parts = readonly string[];

/** More ways are not tried. */
const MOST = 12;
/** More items of a list are not looked at one by one. */
const MOST_ITEMS = 8;

/** What the parser knows about an expression. */
interface Source {
  toText(expression: Expression): string;
  /** The call of a macro that was replaced by the expression. */
  macroOf(expression: Expression): Expression | undefined;
}

const known = new Map<string, readonly Parts[]>();

/** At least one way: the expression itself if there is nothing to divide. */
export function alternatives(text: string): readonly Parts[] {
  const ways = known.get(text) ?? divided(text);
  // As many as one schema could have.
  if (known.size > 1000) known.clear();
  known.set(text, ways);
  return ways;
}

function divided(text: string): readonly Parts[] {
  try {
    const parsed = parse(text);
    const source: Source = {
      toText: (expr) => unparse({ ...parsed, expr }),
      macroOf: ({ id }) => parsed.sourceInfo?.macroCalls[String(id)],
    };
    const ways = waysOf(parsed.expr, true, source);
    return ways.length === 0 ? [[text]] : ways;
  } catch {
    // The validator reports what does not compile.
    return [[text]];
  }
}

/**
 * The ways in which an expression is true or false; none if it never is.
 * @param aim whether it is to be true. An empty text is true, and another one false.
 */
function waysOf(expression: Expression, aim: boolean, source: Source): Parts[] {
  const { exprKind } = expression;
  if (exprKind.case === "constExpr") {
    const { value } = exprKind.value.constantKind;
    if (typeof value === "boolean" || typeof value === "string")
      return (value === true || value === "") === aim ? [[]] : [];
  }
  if (exprKind.case === "callExpr") {
    const { function: name, args } = exprKind.value;
    const ways = (arg: Expression | undefined, to: boolean) => (arg === undefined ? [] : waysOf(arg, to, source));
    const [first, second, third] = args;
    switch (name) {
      case "!_":
        return ways(first, !aim);
      case "_&&_":
      case "_||_": {
        const each = args.map((arg) => ways(arg, aim));
        return (name === "_&&_") === aim ? together(each) : each.flat().slice(0, MOST);
      }
      case "_?_:_":
        return [
          ...together([ways(first, true), ways(second, aim)]),
          ...together([ways(first, false), ways(third, aim)]),
        ].slice(0, MOST);
      default:
    }
  }
  const text = source.toText(expression);
  return [aim ? [...itemsOf(expression, source), text] : [`!(${text})`]];
}

/**
 * That each of the first items of a list is as `all` wants it: the whole says only whether all are. Of other values
 * than lists nothing is said.
 */
function itemsOf(expression: Expression, { toText, macroOf }: Source): Parts {
  const macro = macroOf(expression)?.exprKind;
  if (macro?.case !== "callExpr" || macro.value.function !== "all" || macro.value.target === undefined) return [];
  const list = toText(macro.value.target);
  const [variable, condition] = macro.value.args.map(toText);
  return Array.from({ length: MOST_ITEMS }, (_, index) => {
    return `type(${list}) != list || size(${list}) <= ${index} || [${list}[${index}]].all(${variable}, ${condition})`;
  });
}

/** A way of each, in all combinations. */
function together(each: readonly (readonly Parts[])[]): Parts[] {
  const none: Parts[] = [[]];
  return each.reduce<Parts[]>((ways, more) => {
    return ways.flatMap((way) => more.map((parts) => [...way, ...parts])).slice(0, MOST);
  }, none);
}
