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
 * @throws TypeError for an option that does not exist
 */
export function createFakeMethod(service: DescService, name: string, options?: FakeMethodOptions): DescMethod {
  const given = knownOptions("createFakeMethod", options, names);
  const method = methodWithoutTypes(name, given.methodKind ?? "unary", service);
  if (given.register === true) {
    service.methods.push(method);
    service.method[method.localName] = method;
  }
  return method;
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
