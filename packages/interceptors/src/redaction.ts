// Messages for logs and recordings, without the fields that are marked `debug_redact`.
import { clone, type DescField, type DescMessage, type Message, ScalarType } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect, scalarZeroValue } from "@bufbuild/protobuf/reflect";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";

const REDACTED = "[REDACTED]";

/**
 * The message itself if neither its type nor one of a nested message has such a field; else a copy in which strings
 * read `[REDACTED]` and other values are cleared; `required` ones of proto2 are 0, empty or the first of their enum, as
 * no message can be written without them. Of an `Any` only the type is shown: its content is not known here.
 *
 * @param desc undefined for the methods of mock requests, whose messages are shown as they are
 */
export function redacted<M extends Message>(desc: DescMessage | undefined, message: M): M {
  return desc === undefined ? message : copied(desc, message, hide);
}

/**
 * As `redacted()`, but strings are cleared, too: messages that differ in such fields only are equal then, whether the
 * fields are set or not.
 */
export function withoutRedacted<M extends Message>(desc: DescMessage, message: M): M {
  return copied(desc, message, clear);
}

type Hide = (message: ReflectMessage, field: DescField) => void;

function copied<M extends Message>(desc: DescMessage, message: M, hideField: Hide): M {
  if (!hasSecrets(desc)) return message;
  const copy = clone(desc, message);
  redact(reflect(desc, copy), hideField);
  return copy as M;
}

const withSecrets = new WeakMap<DescMessage, boolean>();

function hasSecrets(desc: DescMessage): boolean {
  const known = withSecrets.get(desc);
  if (known !== undefined) return known;
  const found = reaches(desc, new Set());
  withSecrets.set(desc, found);
  return found;
}

function reaches(desc: DescMessage, seen: Set<DescMessage>): boolean {
  if (seen.has(desc)) return false;
  seen.add(desc);
  return desc.fields.some((field) => isSecret(field) || (field.message !== undefined && reaches(field.message, seen)));
}

function isSecret(field: DescField): boolean {
  // Fields of mock descriptors have no parent.
  const isPacked = field.parent?.typeName === "google.protobuf.Any" && field.name === "value";
  return isPacked || field.proto.options?.debugRedact === true;
}

function redact(message: ReflectMessage, hideField: Hide): void {
  for (const field of message.fields) {
    if (!message.isSet(field)) continue;
    if (isSecret(field)) hideField(message, field);
    else if (field.message !== undefined && hasSecrets(field.message)) {
      for (const inner of messagesIn(message, field)) redact(inner, hideField);
    }
  }
}

function hide(message: ReflectMessage, field: DescField): void {
  if (field.fieldKind === "scalar" && field.scalar === ScalarType.STRING) message.set(field, REDACTED);
  else clear(message, field);
}

function clear(message: ReflectMessage, field: DescField): void {
  if (field.presence !== FeatureSet_FieldPresence.LEGACY_REQUIRED) message.clear(field);
  else if (field.fieldKind === "scalar") message.set(field, scalarZeroValue(field.scalar, field.longAsString));
  else if (field.fieldKind === "enum") message.set(field, field.enum.values[0]?.number);
  else if (field.fieldKind === "message") message.set(field, reflect(field.message));
}

function messagesIn(message: ReflectMessage, field: DescField): Iterable<ReflectMessage> {
  // The types of lists and maps do not say that they hold messages.
  if (field.fieldKind === "list") return message.get(field) as Iterable<ReflectMessage>;
  if (field.fieldKind === "map") return message.get(field).values() as Iterable<ReflectMessage>;
  return field.fieldKind === "message" ? [message.get(field)] : [];
}
