// Catalogs are what they were given, frozen; wrong ones are rejected with the key.
import assert from "node:assert/strict";
import { test } from "node:test";
import { EchoService } from "../../../../proto/gen/connectum/test/v1/echo_pb.ts";
import { CatalogConfigError, defineCatalog, mergeCatalogs } from "./catalog.ts";

const { typeName } = EchoService;
const wrong = { "a.B": EchoService };

// contract: G1
test("defineCatalog() copies and freezes", () => {
  const record = { [typeName]: EchoService };
  const catalog = defineCatalog(record);
  assert.deepEqual(catalog, record);
  assert.notEqual(catalog, record);
  assert.ok(Object.isFrozen(catalog));
});

// contract: G1, G3
test("defineCatalog() rejects a key that is not the name of its service", () => {
  assert.throws(
    () => defineCatalog(wrong),
    (error) => {
      assert.ok(error instanceof CatalogConfigError && error instanceof Error);
      assert.equal(error.name, "CatalogConfigError");
      assert.equal(error.message, `defineCatalog: key "a.B" must match descriptor.typeName "${typeName}".`);
      assert.ok(!("code" in error));
      return true;
    },
  );
});

// contract: G2
test("mergeCatalogs() freezes what it has; a service may be in one of them only", () => {
  assert.deepEqual(mergeCatalogs(), {});
  const merged = mergeCatalogs({ [typeName]: EchoService }, {});
  assert.deepEqual(merged, { [typeName]: EchoService });
  for (const catalog of [merged, mergeCatalogs()]) assert.ok(Object.isFrozen(catalog));
  assert.throws(() => mergeCatalogs(wrong), {
    message: `mergeCatalogs: key "a.B" must match descriptor.typeName "${typeName}".`,
  });
  assert.throws(() => mergeCatalogs(merged, merged), { message: `mergeCatalogs: duplicate typeName: "${typeName}"` });
});

for (const [value, text] of [
  [undefined, "undefined"],
  [null, "null"],
  ["orders", '"orders"'],
  [[EchoService], "an array"],
] as const) {
  test(`a catalog that is ${text} is an error that says so`, () => {
    const message = `a catalog must be an object of services by their names, not ${text}`;
    assert.throws(() => defineCatalog(value as never), { name: "TypeError", message: `defineCatalog: ${message}` });
    assert.throws(() => mergeCatalogs({}, value as never), {
      name: "TypeError",
      message: `mergeCatalogs: ${message}`,
    });
  });
}
