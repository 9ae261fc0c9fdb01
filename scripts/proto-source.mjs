// @ts-check
// The source of a .proto, from its descriptor, for files that npm packages only contain compiled. Options are omitted,
// because files that import it do not need them.
import { FieldDescriptorProto_Label as Label, FieldDescriptorProto_Type as Type } from "@bufbuild/protobuf/wkt";

/** @typedef {import("@bufbuild/protobuf/wkt").FileDescriptorProto} FileDescriptorProto */
/** @typedef {import("@bufbuild/protobuf/wkt").DescriptorProto} DescriptorProto */
/** @typedef {import("@bufbuild/protobuf/wkt").EnumDescriptorProto} EnumDescriptorProto */
/** @typedef {import("@bufbuild/protobuf/wkt").FieldDescriptorProto} FieldDescriptorProto */

/**
 * For files in proto2 and proto3.
 * @param {FileDescriptorProto} file
 */
export function protoSource(file) {
  const lines = [
    `syntax = "${file.syntax || "proto2"}";`,
    `package ${file.package};`,
    ...file.dependency.map((path) => `import "${path}";`),
    ...file.enumType.flatMap(enumSource),
    ...file.messageType.flatMap(messageSource),
    ...file.extension.flatMap((field) => [`extend ${field.extendee} {`, fieldSource(field), "}"]),
  ];
  return `${lines.join("\n")}\n`;
}

/**
 * @param {DescriptorProto} message
 * @returns {string[]}
 */
function messageSource(message) {
  const ownOneof = (/** @type {FieldDescriptorProto} */ field) => field.proto3Optional || !has(field, "oneofIndex");
  return [
    `message ${message.name} {`,
    ...message.enumType.flatMap(enumSource),
    ...message.nestedType.flatMap(messageSource),
    ...message.field.filter(ownOneof).map(fieldSource),
    ...message.oneofDecl.flatMap(({ name }, index) => {
      const members = message.field.filter((field) => !ownOneof(field) && field.oneofIndex === index);
      return members.length === 0 ? [] : [`oneof ${name} {`, ...members.map((field) => fieldSource(field)), "}"];
    }),
    ...message.extensionRange.map(({ start, end }) => `extensions ${start} to ${end > 0x1fff_ffff ? "max" : end - 1};`),
    ...message.reservedRange.map(({ start, end }) => `reserved ${start} to ${end - 1};`),
    "}",
  ];
}

/** @param {EnumDescriptorProto} descEnum */
function enumSource({ name, value }) {
  return [`enum ${name} {`, ...value.map(({ name, number }) => `${name} = ${number};`), "}"];
}

/** @param {FieldDescriptorProto} field */
function fieldSource(field) {
  const isMember = has(field, "oneofIndex") && !field.proto3Optional;
  const label = isMember ? "" : `${Label[field.label].toLowerCase()} `;
  return `${label}${field.typeName || Type[field.type].toLowerCase()} ${field.name} = ${field.number};`;
}

/**
 * Whether a field of a descriptor is set: its prototype has the default.
 * @param {object} message
 * @param {string} name
 */
function has(message, name) {
  return Object.hasOwn(message, name);
}
