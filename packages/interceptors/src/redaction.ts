// Messages as a log may have them: without the fields that are marked `debug_redact`.
import { clone, type DescField, type DescMessage, type Message, ScalarType } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";

const REDACTED = "[REDACTED]";

/**
 * The message itself if its type has no such field, its own or one of a message in it; else a copy in which texts read
 * `[REDACTED]` and other values are left out. An `Any` shows its type only: what is in it is not known here.
 *
 * @param desc undefined for methods of mock requests: the message is shown as it is
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
  // Lists and maps of messages hold messages, which their types do not say.
  if (field.fieldKind === "list") return message.get(field) as Iterable<ReflectMessage>;
  if (field.fieldKind === "map") return message.get(field).values() as Iterable<ReflectMessage>;
  return field.fieldKind === "message" ? [message.get(field)] : [];
}
