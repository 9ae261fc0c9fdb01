// Rules that are hard to meet together: each has a fake for every seed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry, toJsonString } from "@bufbuild/protobuf";
import { createValidator } from "@bufbuild/protovalidate";
import { fake } from "@connectum/testing/protofake";
import { file_connectum_protofake_v1_combinations as file } from "./protofake/gen/connectum/protofake/v1/combinations_pb.js";

const registry = createRegistry(file);
const validator = createValidator();
const seeds = Array.from({ length: 20 }, (_, seed) => seed);

for (const schema of file.messages) {
  for (const options of [{ faker: false } as const, {}]) {
    test(`hard rules are met, ${"faker" in options ? "without" : "with"} faker: ${schema.name}`, () => {
      for (const seed of seeds) {
        const message = fake(schema, { ...options, seed });
        const { kind, error } = validator.validate(schema, message);
        assert.equal(kind, "valid", `seed ${seed}: ${error?.message} ${toJsonString(schema, message, { registry })}`);
      }
    });
  }
}
