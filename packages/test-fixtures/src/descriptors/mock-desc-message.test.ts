// Messages, made by hand. Runs under every test runner: scripts/matrix.mjs.
import assert from "node:assert/strict";
import { test } from "node:test";
import { clone, create, equals, fromBinary, fromJson, isMessage, toBinary, toJson } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import { createMockDescMessage, type MockDescMessageOptions } from "@connectum/test-fixtures";

const order = () =>
  createMockDescMessage("shop.v1.Order", {
    fields: [
      { name: "customer_name" },
      { name: "total", type: "int64", fieldNumber: 7 },
      { name: "paid", type: "bool" },
    ],
    oneofs: ["payment"],
  });

// contract: DM-1
test("a message has a full name, and the part after the last dot", () => {
  const { kind, typeName, name } = order();
  assert.deepEqual([kind, typeName, name], ["message", "shop.v1.Order", "Order"]);
  assert.equal(createMockDescMessage("Order").name, "Order");
});

// contract: DM-2
test("fields are in the given order; a missing number is the position, from 1", () => {
  const message = order();
  assert.deepEqual(
    message.fields.map(({ name, localName, jsonName, number, scalar }) => [name, localName, jsonName, number, scalar]),
    [
      ["customer_name", "customer_name", "customer_name", 1, 9],
      ["total", "total", "total", 7, 3],
      ["paid", "paid", "paid", 3, 8],
    ],
  );
  for (const field of message.fields) {
    assert.deepEqual([field.parent === message, field.proto.options], [true, undefined], field.name);
  }
});

// contract: DM-3
test("fields have a map by name; oneof groups have no fields", () => {
  const message = order();
  assert.deepEqual(Object.keys(message.field), ["customer_name", "total", "paid"]);
  assert.equal(message.field["total"], message.fields[1]);
  assert.deepEqual(
    message.oneofs.map(({ kind, name, localName, fields }) => ({ kind, name, localName, fields })),
    [{ kind: "oneof", name: "payment", localName: "payment", fields: [] }],
  );
});

// contract: DM-4
test("members are the fields and the groups; nothing is nested, and there is no parent and no option", () => {
  const { members, fields, oneofs, nestedEnums, nestedMessages, nestedExtensions, parent, proto } = order();
  assert.deepEqual(members, [...fields, ...oneofs]);
  assert.deepEqual(
    [nestedEnums, nestedMessages, nestedExtensions, parent, proto.options],
    [[], [], [], undefined, undefined],
  );
  assert.deepEqual(createMockDescMessage("a.Empty").members, []);
});

// contract: DM-5
test("the file is named after the message, and its edition is that of proto3", () => {
  const { file } = order();
  const edition: unknown = file.proto.edition;
  assert.deepEqual([file.name, edition], ["shop/v1/Order.proto", "EDITION_PROTO3"]);
});

// contract: DM-6
test("protobuf-es takes it: create, clone, equals, binary, JSON and reflection", () => {
  const type = order();
  assert.deepEqual(create(type), {
    $typeName: "shop.v1.Order",
    customer_name: "",
    total: 0n,
    paid: false,
    payment: { case: undefined },
  });
  const message = create(type, { customer_name: "Ada", total: 5n });
  assert.ok(isMessage(message, type));
  assert.deepEqual([...toBinary(type, message)], [10, 3, 65, 100, 97, 56, 5]);
  assert.deepEqual(fromBinary(type, toBinary(type, message)), message);
  const json = { customer_name: "Ada", total: "5" };
  assert.deepEqual(toJson(type, message), json);
  assert.deepEqual(fromJson(type, json), message);
  assert.ok(equals(type, clone(type, message), message));
  const [name] = type.fields;
  assert.ok(name !== undefined);
  assert.equal(reflect(type, message).get(name), "Ada");
  assert.deepEqual(create(createMockDescMessage("a.Empty")), { $typeName: "a.Empty" });
});

for (const [what, options, message] of [
  [
    "an option that does not exist",
    { field: [] },
    'createMockDescMessage: there is no option "field". It can be "fields", "oneofs".',
  ],
  [
    "an option of a field that does not exist",
    { fields: [{ name: "a", isSensitive: true }] },
    'createMockDescMessage: there is no option "isSensitive". It can be "name", "type", "fieldNumber".',
  ],
  ["a field without a name", { fields: [{}] }, "createMockDescMessage: field 1 of shop.Order has no name"],
  [
    "two fields with one name",
    { fields: [{ name: "a" }, { name: "a" }] },
    "createMockDescMessage: the fields a and a of shop.Order have one name: a",
  ],
  [
    "two fields with one number",
    { fields: [{ name: "a", fieldNumber: 2 }, { name: "b" }] },
    "createMockDescMessage: the fields a and b of shop.Order have one number: 2",
  ],
] as const) {
  test(`rejected: ${what}`, () => {
    const make = () => createMockDescMessage("shop.Order", options as unknown as MockDescMessageOptions);
    assert.throws(make, { name: "TypeError", message });
  });
}

test("what is no full name is rejected", () => {
  for (const name of ["", "a b", ".", "a.", ".a", "a..b", "1a", "a.\u00c4", 5, null]) {
    assert.throws(() => Reflect.apply(createMockDescMessage, undefined, [name]), {
      name: "TypeError",
      message: `createMockDescMessage: typeName must be a full name, such as shop.v1.Order, not ${JSON.stringify(name)}`,
    });
  }
});
