// Services for tests that need names and no messages.
import { create, type DescService } from "@bufbuild/protobuf";
import { ServiceDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { knownOptions, type OptionNames } from "../options/known-options.ts";

export interface FakeServiceOptions {
  /** The full name. Default: `test.v1.TestService`. */
  typeName?: string | undefined;
  /** Default: what follows the last dot of `typeName`. */
  name?: string | undefined;
}

const names = { typeName: true, name: true } satisfies OptionNames<FakeServiceOptions>;

/**
 * A service without methods, and without `file`. `createFakeMethod()` adds methods.
 *
 * @throws TypeError for an option that does not exist
 */
export function createFakeService(options?: FakeServiceOptions): DescService {
  const given = knownOptions("createFakeService", options, names);
  const typeName = given.typeName ?? "test.v1.TestService";
  const name = given.name ?? typeName.slice(typeName.lastIndexOf(".") + 1);
  const service: Omit<DescService, "file"> = {
    kind: "service",
    typeName,
    name,
    methods: [],
    method: {},
    deprecated: false,
    proto: create(ServiceDescriptorProtoSchema, { name }),
  };
  return service as DescService;
}
