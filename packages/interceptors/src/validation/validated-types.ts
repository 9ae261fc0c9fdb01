// The message types that have rules of buf.validate, and whether those rules compile.
import {
  create,
  type DescField,
  type DescMessage,
  getOption,
  hasOption,
  type Message,
  ScalarType,
} from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import type { Validator } from "@bufbuild/protovalidate";
import {
  field as fieldRules,
  message as messageRules,
  oneof as oneofRules,
} from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";

/** Whether this type, or one of a nested message, has rules. The result is cached. */
export function hasRules(desc: DescMessage): boolean {
  const known = withRules.get(desc);
  if (known !== undefined) return known;
  const found = reachable(desc).some(hasOwnRules);
  withRules.set(desc, found);
  return found;
}

const withRules = new WeakMap<DescMessage, boolean>();

function hasOwnRules(desc: DescMessage): boolean {
  return (
    hasOption(desc, messageRules) ||
    desc.fields.some((field) => hasOption(field, fieldRules)) ||
    desc.oneofs.some((oneof) => hasOption(oneof, oneofRules))
  );
}

/**
 * Makes the validator compile every rule that can apply to a message of this type. It compiles rules when it first
 * needs them, so it gets sample messages: an empty one, and one for each field.
 *
 * @param checked types that were checked before; those that are checked now are added
 * @throws Error that names the type and the rule
 */
export function assertRulesCompile(validator: Validator, desc: DescMessage, checked: Set<DescMessage>): void {
  for (const type of reachable(desc)) {
    if (checked.has(type)) continue;
    checked.add(type);
    if (!hasOwnRules(type)) continue;
    for (const sample of samples(type)) {
      const result = validator.validate(type, sample);
      if (result.kind === "error" && isFaultOfRule(result.error, type)) {
        throw new Error(`the rules of ${type.typeName} cannot be used: ${result.error.message}`, {
          cause: result.error,
        });
      }
    }
  }
}

/**
 * CEL is not type-checked when it is compiled, so some mistakes in a rule show only when it is evaluated. Other errors
 * there come from the sample, and with `dyn()`, which hides types, all of them may.
 */
function isFaultOfRule(error: Error, type: DescMessage): boolean {
  if (error.name === "CompilationError") return true;
  const isMistake = /unbound function|field not found|unresolved attribute|wanted either bool or string/;
  return isMistake.test(error.message) && !expressionsOf(type).some((expression) => expression.includes("dyn("));
}

function expressionsOf(type: DescMessage): string[] {
  const rules = [getOption(type, messageRules), ...type.fields.map((field) => getOption(field, fieldRules))];
  return rules.flatMap(({ cel, celExpression }) => [...cel.map(({ expression }) => expression), ...celExpression]);
}

/** The type and those of its nested messages, nested ones first, so that an error names the innermost type. */
function reachable(desc: DescMessage): DescMessage[] {
  const seen = new Set<DescMessage>();
  const found: DescMessage[] = [];
  const visit = (type: DescMessage) => {
    if (seen.has(type)) return;
    seen.add(type);
    for (const { message } of type.fields) if (message !== undefined) visit(message);
    found.push(type);
  };
  visit(desc);
  return found;
}

function* samples(desc: DescMessage): Iterable<Message> {
  yield create(desc);
  for (const field of desc.fields) {
    const sample = reflect(desc);
    setSample(sample, field);
    yield sample.message;
  }
}

/** Sets a value that is not the default, because rules may ignore default values. */
function setSample(sample: ReflectMessage, field: DescField): void {
  if (field.fieldKind === "list") sample.get(field).add(sampleOf(field));
  else if (field.fieldKind === "map") sample.get(field).set(scalarOf(field.mapKey), sampleOf(field));
  else sample.set(field, sampleOf(field));
}

/** A value for the field, or for an item of its list or map. */
function sampleOf({
  message,
  enum: descEnum,
  scalar,
}: DescField): ReflectMessage | string | number | bigint | boolean | Uint8Array {
  if (message !== undefined) return reflect(message);
  if (descEnum !== undefined) return descEnum.values.at(-1)?.number ?? 0;
  return scalarOf(scalar);
}

function scalarOf(scalar: ScalarType): string | number | bigint | boolean | Uint8Array {
  switch (scalar) {
    case ScalarType.STRING:
      return "a";
    case ScalarType.BYTES:
      return new Uint8Array([1]);
    case ScalarType.BOOL:
      return true;
    case ScalarType.INT64:
    case ScalarType.UINT64:
    case ScalarType.SINT64:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return 1n;
    default:
      return 1;
  }
}
