// Messages for logs and recordings, without the fields that are marked `debug_redact`.
import { clone, type DescField, type DescMessage, type Message, ScalarType } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";

const REDACTED = "[REDACTED]";

/**
 * The message itself if neither its type nor one of a nested message has such a field; else a copy in which strings
 * read `[REDACTED]` and other values are cleared. Of an `Any` only the type is shown: its content is not known here.
 *
 * @param desc undefined for the methods of mock requests, whose messages are shown as they are
 */
export function redacted<M extends Message>(desc: DescMessage | undefined, message: M): M {
  if (desc === undefined || !hasSecrets(desc)) return message;
  const copy = clone(desc, message);
  redact(reflect(desc, copy));
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

function redact(message: ReflectMessage): void {
  for (const field of message.fields) {
    if (!message.isSet(field)) continue;
    if (isSecret(field)) hide(message, field);
    else if (field.message !== undefined && hasSecrets(field.message)) {
      for (const inner of messagesIn(message, field)) redact(inner);
    }
  }
}

function hide(message: ReflectMessage, field: DescField): void {
  if (field.fieldKind === "scalar" && field.scalar === ScalarType.STRING) message.set(field, REDACTED);
  else message.clear(field);
}

function messagesIn(message: ReflectMessage, field: DescField): Iterable<ReflectMessage> {
  // The types of lists and maps do not say that they hold messages.
  if (field.fieldKind === "list") return message.get(field) as Iterable<ReflectMessage>;
  if (field.fieldKind === "map") return message.get(field).values() as Iterable<ReflectMessage>;
  return field.fieldKind === "message" ? [message.get(field)] : [];
}
