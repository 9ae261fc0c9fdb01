// Messages that protobuf-es makes from declarations, with the names that mocks have.
import { create, createFileRegistry, type DescField, type DescMessage } from "@bufbuild/protobuf";
import { type FieldDescriptorProto, FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";

/** What mocks of version 1 had, and fields of protobuf-es have not. */
const OLD_PROPERTIES = { repeated: false, packed: false, optional: false };

/**
 * A message of proto3, alone in a file. Its fields keep their names, which protobuf-es would write in lowerCamelCase.
 *
 * @param fields whose names and numbers differ
 */
export function messageOf(typeName: string, fields: FieldDescriptorProto[]): DescMessage {
  const dot = typeName.lastIndexOf(".");
  const file = create(FileDescriptorProtoSchema, {
    name: `${typeName.replaceAll(".", "/")}.proto`,
    package: typeName.slice(0, Math.max(dot, 0)),
    syntax: "proto3",
    messageType: [{ name: typeName.slice(dot + 1), field: fields }],
  });
  const message = createFileRegistry(file, () => undefined).getMessage(typeName);
  if (message === undefined) throw new TypeError(`"${typeName}" is no name of a message`);
  for (const field of message.fields) Object.assign(field, { localName: field.name, ...OLD_PROPERTIES });
  const byName: Record<string, DescField> = Object.fromEntries(message.fields.map((field) => [field.name, field]));
  // protobuf-es leaves the extension out, and has the edition of the file itself, as a number.
  Object.assign(message.file, { name: file.name });
  Object.assign(message.file.proto, { edition: "EDITION_PROTO3" });
  return Object.assign(message, { field: byName });
}
