// Fields, made by hand.
import { create, type DescField, ScalarType } from "@bufbuild/protobuf";
import {
  type FieldDescriptorProto,
  FieldDescriptorProto_Label,
  FieldDescriptorProtoSchema,
  FieldOptionsSchema,
} from "@bufbuild/protobuf/wkt";
import { knownOptions, type OptionNames } from "../options/known-options.ts";
import { messageOf } from "./message-of.ts";

export interface MockDescFieldOptions {
  /** Whether the field has the option `debug_redact`. Default: false. */
  isSensitive?: boolean | undefined;
  /** From 1 to 536,870,911. Default: 1. */
  fieldNumber?: number | undefined;
  /** A scalar type as in a .proto: `string`, `int32`. Default, and for any other name: `string`. */
  type?: string | undefined;
}

const names = { isSensitive: true, fieldNumber: true, type: true } satisfies OptionNames<MockDescFieldOptions>;

/**
 * A scalar field of no message: its `parent` is undefined. Those of `createMockDescMessage()` have one.
 *
 * @throws TypeError for an option that does not exist
 * @throws RangeError for a number that no field can have
 */
export function createMockDescField(localName: string, options?: MockDescFieldOptions): DescField {
  const given = knownOptions("createMockDescField", options, names);
  const [field] = messageOf("test.MockMessage", [fieldProto("createMockDescField", localName, given)]).fields;
  return Object.assign(field as DescField, { parent: undefined });
}

/**
 * The declaration of a field.
 *
 * @param caller for the text of errors
 */
export function fieldProto(
  caller: string,
  name: string,
  { fieldNumber: number = 1, type = "string", isSensitive = false }: MockDescFieldOptions,
): FieldDescriptorProto {
  if (!Number.isInteger(number) || number < 1 || number > MAX_FIELD_NUMBER) {
    throw new RangeError(`${caller}: the number of ${name} must be from 1 to ${MAX_FIELD_NUMBER}, not ${number}`);
  }
  const label = FieldDescriptorProto_Label.OPTIONAL;
  const proto = create(FieldDescriptorProtoSchema, { name, jsonName: name, number, label, type: scalarOf(type) });
  if (isSensitive) {
    // The second one is the name in a .proto, which protobuf-es does not have.
    proto.options = Object.assign(create(FieldOptionsSchema, { debugRedact: true }), { debug_redact: true });
  }
  return proto;
}

const MAX_FIELD_NUMBER = 536_870_911;

/** The numbers of scalar types are those of the types of fields. */
function scalarOf(type: string): number {
  const scalar: unknown = Reflect.get(ScalarType, type.toUpperCase());
  return typeof scalar === "number" && type === type.toLowerCase() ? scalar : ScalarType.STRING;
}
