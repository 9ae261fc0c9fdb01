// google.protobuf.FieldMask: paths of fields that there are.
import type { DescField, DescMessage } from "@bufbuild/protobuf";
import type { Context } from "../context.ts";
import type { Slot } from "../slot.ts";

/** Candidates for the paths of a mask. */
export function* fieldMasks({ field, rules: fieldRules }: Slot, { random }: Context): Generator<string[]> {
  const type = fieldRules?.type;
  const rules = type?.case === "fieldMask" ? type.value : undefined;
  if (rules?.const !== undefined) yield rules.const.paths;
  for (const { paths } of random.shuffle(rules?.example ?? [])) yield paths;
  const names = rules !== undefined && rules.in.length > 0 ? rules.in : maskable(field);
  const allowed = names.filter((name) => rules?.notIn.some((not) => isWithin(name, not)) !== true);
  if (allowed.length > 0) {
    for (let count = 0; count < 10; count++) yield random.shuffle(allowed).slice(0, random.int(1, 3));
    yield [random.pick(allowed)];
  }
  yield ["id"];
  yield [];
}

function isWithin(path: string, parent: string): boolean {
  return path === parent || path.startsWith(`${parent}.`);
}

/** The fields of the resource if the mask is beside one, as in a request to update it; otherwise those beside it. */
function maskable(field: DescField): string[] {
  const beside = field.parent.fields.filter((other) => other !== field);
  const resources = beside.flatMap((other) => {
    return other.fieldKind === "message" && !isOfGoogle(other.message) ? [other.message] : [];
  });
  const [resource] = resources;
  const fields = resources.length === 1 && resource !== undefined ? resource.fields : beside;
  // The form of JSON has no other names.
  return fields.map(({ name }) => name).filter((name) => /^[a-z]+(_[a-z]+)*$/.test(name));
}

function isOfGoogle({ typeName }: DescMessage): boolean {
  return typeName.startsWith("google.protobuf.");
}
