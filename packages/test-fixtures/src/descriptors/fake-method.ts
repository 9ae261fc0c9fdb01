// Methods for tests that need names and kinds, and no messages.
import { create, type DescMethod, type DescService } from "@bufbuild/protobuf";
import { MethodDescriptorProtoSchema, MethodOptions_IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import { knownOptions, type OptionNames } from "../options/known-options.ts";

export interface FakeMethodOptions {
  /** Default: `unary`. */
  methodKind?: DescMethod["methodKind"] | undefined;
  /** Whether the service gets the method, too. Default: false. */
  register?: boolean | undefined;
}

const names = { methodKind: true, register: true } satisfies OptionNames<FakeMethodOptions>;

/**
 * A method without `input` and `output`; `createMockDescMethod()` makes one that has them.
 *
 * @param service its parent, which changes only with `register`
 * @throws TypeError for an option that does not exist, and a kind that there is not
 */
export function createFakeMethod(service: DescService, name: string, options?: FakeMethodOptions): DescMethod {
  const given = knownOptions("createFakeMethod", options, names);
  assertMethodKind("createFakeMethod", "methodKind", given.methodKind);
  const method = methodWithoutTypes(name, given.methodKind ?? "unary", service);
  if (given.register === true) {
    service.methods.push(method);
    service.method[method.localName] = method;
  }
  return method;
}

const KINDS: readonly string[] = ["unary", "server_streaming", "client_streaming", "bidi_streaming"];

/**
 * @param option its name, for the error
 * @throws TypeError unless it is the kind of a method, or absent
 */
export function assertMethodKind(caller: string, option: string, kind: unknown): void {
  if (kind === undefined || kind === null || KINDS.includes(kind as string)) return;
  const right = KINDS.map((one) => `"${one}"`).join(", ");
  const given = typeof kind === "string" ? JSON.stringify(kind) : typeof kind;
  throw new TypeError(`${caller}: ${option} must be one of ${right}, not ${given}`);
}

/** A method without `input` and `output`. */
export function methodWithoutTypes(
  name: string,
  methodKind: DescMethod["methodKind"],
  parent: DescService | undefined,
): DescMethod {
  const clientStreaming = methodKind === "client_streaming" || methodKind === "bidi_streaming";
  const serverStreaming = methodKind === "server_streaming" || methodKind === "bidi_streaming";
  const method = {
    kind: "rpc",
    name,
    localName: name.slice(0, 1).toLowerCase() + name.slice(1),
    parent,
    methodKind,
    deprecated: false,
    idempotency: MethodOptions_IdempotencyLevel.IDEMPOTENCY_UNKNOWN,
    proto: create(MethodDescriptorProtoSchema, { name, clientStreaming, serverStreaming }),
  };
  return method as DescMethod;
}
