// The CEL expressions of rules, with what they are about.

import { parse } from "@bufbuild/cel";
import { type DescExtension, getExtension, getOption, type Registry } from "@bufbuild/protobuf";
import { isReflectList, isReflectMap, isReflectMessage } from "@bufbuild/protobuf/reflect";
import {
  type FieldRules,
  type MessageRules,
  predefined,
} from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";

export type Expression = NonNullable<ReturnType<typeof parse>["expr"]>;

/** An expression that has to be true, or an empty text. */
export interface CelRule {
  readonly expression: Expression;
  /** The value of the predefined rule, which the expression calls `rule`. */
  readonly rule?: unknown;
}

/** The CEL rules of a field: its own, and predefined ones that are set on it. */
export function expressionsOf(rules: FieldRules | undefined, registry: Registry): CelRule[] {
  if (rules === undefined) return [];
  return [
    ...parsed([...rules.cel.map(({ expression }) => expression), ...rules.celExpression]),
    ...predefinedOf(rules, registry),
  ];
}

/** The CEL rules of a message. */
export function messageExpressionsOf({ cel, celExpression }: MessageRules): CelRule[] {
  return parsed([...cel.map(({ expression }) => expression), ...celExpression]);
}

function predefinedOf({ type }: FieldRules, registry: Registry): CelRule[] {
  if (type.value === undefined) return [];
  const {
    value,
    value: { $typeName, $unknown = [] },
  } = type;
  return $unknown.flatMap(({ no }) => {
    const extension = extensionOf(registry, $typeName, no);
    if (extension === undefined) return [];
    const rule = plain(getExtension(value, extension as DescExtension));
    return parsed(getOption(extension, predefined).cel.map(({ expression }) => expression)).map((one) => ({
      ...one,
      rule,
    }));
  });
}

function extensionOf(registry: Registry, typeName: string, number: number): DescExtension | undefined {
  for (const type of registry) {
    if (type.kind === "extension" && type.number === number && type.extendee.typeName === typeName) return type;
  }
  return undefined;
}

/** The value of a rule without the wrapper that reflection puts around it. */
function plain(value: unknown): unknown {
  if (isReflectMessage(value)) return value.message;
  return isReflectList(value) || isReflectMap(value) ? [...value.values()] : value;
}

function parsed(texts: readonly string[]): CelRule[] {
  return texts.flatMap(parseRule);
}

/** The rule of an expression; none if it does not compile, which the validator reports. */
export function parseRule(text: string): CelRule[] {
  try {
    return [{ expression: parse(text).expr }];
  } catch {
    return [];
  }
}
