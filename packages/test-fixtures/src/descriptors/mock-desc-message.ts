// Messages, made by hand.
import { create, type DescMessage, type DescOneof } from "@bufbuild/protobuf";
import { OneofDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { knownOptions, type OptionNames } from "../options/known-options.ts";
import { assertFullName } from "./assert-name.ts";
import { messageOf } from "./message-of.ts";
import { fieldProto } from "./mock-desc-field.ts";

export interface MockDescMessageOptions {
  /** Scalar fields, as those of `createMockDescField()`; `fieldNumber` is by default the position, from 1. */
  fields?: Array<{ name: string; type?: string | undefined; fieldNumber?: number | undefined }> | undefined;
  /** The names of oneof groups, which have no fields. */
  oneofs?: string[] | undefined;
}

const names = { fields: true, oneofs: true } satisfies OptionNames<MockDescMessageOptions>;
const fieldNames = { name: true, type: true, fieldNumber: true } as const;

/**
 * A message of proto3 with scalar fields, that `create()`, `toBinary()`, `toJson()` and the others take.
 *
 * @param typeName the full name: `shop.v1.Order`
 * @throws TypeError for what is no full name, for an option that does not exist, and for two fields with one name or
 *   one number
 * @throws RangeError for a number that no field can have
 */
export function createMockDescMessage(typeName: string, options?: MockDescMessageOptions): DescMessage {
  assertFullName(CALLER, "typeName", "shop.v1.Order", typeName);
  const { fields = [], oneofs = [] } = knownOptions(CALLER, options, names);
  const protos = fields.map((field, position) => {
    const { name, type, fieldNumber = position + 1 } = knownOptions(CALLER, field, fieldNames);
    if (typeof name !== "string") throw new TypeError(`${CALLER}: field ${position + 1} of ${typeName} has no name`);
    return fieldProto(CALLER, name, { type, fieldNumber });
  });
  for (const key of ["name", "number"] as const) {
    const seen = new Map<string | number, string>();
    for (const proto of protos) {
      const other = seen.get(proto[key]);
      if (other !== undefined) {
        throw new TypeError(
          `${CALLER}: the fields ${other} and ${proto.name} of ${typeName} have one ${key}: ${proto[key]}`,
        );
      }
      seen.set(proto[key], proto.name);
    }
  }
  const message = messageOf(typeName, protos);
  for (const name of oneofs) {
    const oneof = emptyOneof(name, message);
    message.oneofs.push(oneof);
    message.members.push(oneof);
  }
  return message;
}

const CALLER = "createMockDescMessage";

/** protobuf-es makes none without fields. */
function emptyOneof(name: string, parent: DescMessage): DescOneof {
  const proto = create(OneofDescriptorProtoSchema, { name });
  return { kind: "oneof", name, localName: name, fields: [], parent, deprecated: false, proto };
}
