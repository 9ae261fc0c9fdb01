// Overrides: what the caller gives, in the form that `create` of @bufbuild/protobuf takes.
import type { DescMessage, MessageInitShape } from "@bufbuild/protobuf";

/**
 * Fields by their names in TypeScript. Nested objects are parts of nested messages: what they leave out is faked. A
 * message, made by `create`, is taken whole.
 */
export type Overrides<Desc extends DescMessage> = MessageInitShape<Desc>;

/** The overrides of one message: values by the names of fields and oneofs. */
export type Given = Readonly<Record<string, unknown>>;

/** The override of a nested message, or undefined if the value is a whole message. */
export function partsOf(desc: DescMessage, value: unknown): Given | undefined {
  return isMessage(value) || isMadeWhole(desc) ? undefined : (value as Given);
}

/** Whether the value is one that `create` made, and not parts of one. */
export function isMessage(value: unknown): value is { readonly $typeName: unknown } {
  return typeof value === "object" && value !== null && "$typeName" in value;
}

/** Their parts do not stand for themselves, and fields of them can be plain values. */
export function isMadeWhole({ typeName }: DescMessage): boolean {
  return typeName.startsWith("google.protobuf.");
}
