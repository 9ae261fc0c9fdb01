// Methods with types, made by hand.
import { create, type DescMessage, type DescMethod } from "@bufbuild/protobuf";
import { MethodOptionsSchema } from "@bufbuild/protobuf/wkt";
import { knownOptions, type OptionNames } from "../options/known-options.ts";
import { assertIdentifier } from "./assert-name.ts";
import { assertMethodKind, methodWithoutTypes } from "./fake-method.ts";
import { createMockDescMessage } from "./mock-desc-message.ts";

export interface MockDescMethodOptions {
  /** Default: an empty message, `test.<name>Request`. */
  input?: DescMessage | undefined;
  /** Default: an empty message, `test.<name>Response`. */
  output?: DescMessage | undefined;
  /** Default: `unary`. */
  kind?: DescMethod["methodKind"] | undefined;
  /** Whether the method has the option `debug_redact`. Default: false. */
  useSensitiveRedaction?: boolean | undefined;
}

const names = {
  input: true,
  output: true,
  kind: true,
  useSensitiveRedaction: true,
} satisfies OptionNames<MockDescMethodOptions>;

/**
 * A method of no service: its `parent` is undefined.
 *
 * @throws TypeError for what is no name, an option that does not exist, and a kind that there is not
 */
export function createMockDescMethod(name: string, options?: MockDescMethodOptions): DescMethod {
  // Requests may be of a method whose name is empty.
  if (name !== "") assertIdentifier("createMockDescMethod", "name", name);
  const given = knownOptions("createMockDescMethod", options, names);
  assertMethodKind("createMockDescMethod", "kind", given.kind);
  const method = methodWithoutTypes(name, given.kind ?? "unary", undefined);
  const input = given.input ?? createMockDescMessage(`test.${name}Request`);
  const output = given.output ?? createMockDescMessage(`test.${name}Response`);
  Object.assign(method.proto, { inputType: `.${input.typeName}`, outputType: `.${output.typeName}` });
  if (given.useSensitiveRedaction === true) {
    // protobuf has this option for fields only, so it has no place in the message but a property of its own.
    method.proto.options = Object.assign(create(MethodOptionsSchema), { debug_redact: true });
  }
  return Object.assign(method, { input, output });
}
