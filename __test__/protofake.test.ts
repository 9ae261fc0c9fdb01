// What fakes are made of: names, types, options and overrides.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  create,
  createFileRegistry,
  createRegistry,
  type DescMessage,
  fromBinary,
  getExtension,
  hasExtension,
  type MessageShape,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import {
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FileDescriptorProtoSchema,
  type Timestamp,
  TimestampSchema,
  timestampMs,
} from "@bufbuild/protobuf/wkt";
import { fake, fakeStream } from "@connectum/testing/protofake";
import { type Edition, EditionSchema, Shade } from "./protofake/gen/connectum/protofake/v1/editions_pb.js";
import { Closed, nickname, OldSchema, parent, scores } from "./protofake/gen/connectum/protofake/v1/old_pb.js";
import * as users from "./protofake/gen/connectum/protofake/v1/users_pb.js";
import * as google from "./protofake/gen/google/type/types_pb.js";

const { UserSchema, Role } = users;
const now = new Date("2026-03-04T05:06:07Z");
const seeds = Array.from({ length: 20 }, (_, seed) => seed);
const all = { now, optional: 1 };

function fakes<Desc extends DescMessage>(schema: Desc, options = {}): MessageShape<Desc>[] {
  return seeds.map((seed) => fake(schema, { ...all, ...options, seed }));
}

test("the same seed and time give the same message, and another seed another one", () => {
  const json = (seed: number | string) => toJson(UserSchema, fake(UserSchema, { seed, now }));
  assert.deepEqual(json(1), json(1));
  assert.deepEqual(json("one"), json("one"));
  assert.notDeepEqual(json(1), json(2));
  assert.notDeepEqual(toJson(UserSchema, fake(UserSchema)), toJson(UserSchema, fake(UserSchema)));
});

// A change of these values changes the fakes of everybody who gives a seed.
test("a seed gives the values that it always gave, without faker", () => {
  const options = { seed: 1, now, faker: false, optional: 1 } as const;
  const address = toJson(users.AddressSchema, fake(users.AddressSchema, options));
  const tree = toJson(users.DeepSchema, fake(users.DeepSchema, options));
  assert.deepEqual(address, { street: "33 Brook Street", city: "Hanoi", zipCode: "88092", countryCode: "FR" });
  assert.deepEqual(tree, { one: { two: { three: { text: "Basil brook basil jade alpha ivory flint." } } } });
});

test("values fit the names of their fields", () => {
  for (const user of fakes(UserSchema)) {
    assert.match(user.userId, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.match(user.firstName, /^\p{L}/u);
    for (const email of [user.email, ...user.emails]) assert.match(email, /^[^@]+@example\.(com|net|org)$/);
    assert.match(user.address?.zipCode ?? "", /^\d{5}(-\d{4})?$/);
    assert.match(user.address?.countryCode ?? "", /^[A-Z]{2}$/);
    assert.ok(user.createdAt && user.expiresAt);
    assert.ok(timestampMs(user.createdAt) < now.getTime() && timestampMs(user.expiresAt) > now.getTime());
    assert.ok(user.age >= 18 && user.age <= 90);
    assert.equal(new URL(user.avatarUrl).protocol, "https:");
    assert.ok(user.pageSize !== undefined && user.pageSize >= 10 && user.pageSize <= 100);
    assert.ok(user.latitude >= -90 && user.latitude <= 90);
    if (user.contact.case === "phone") assert.match(user.contact.value, /^\+\d{8,15}$/);
  }
});

test("without faker values are plain, and fit the names all the same", () => {
  for (const user of fakes(UserSchema, { faker: false })) {
    assert.match(user.email, /^[a-z0-9]+@example\.com$/);
    assert.match(user.firstName, /^[A-Z][a-z]+$/);
    assert.match(user.address?.street ?? "", /^\d+ [A-Z][a-z]+ Street$/);
  }
});

test("every fake survives the binary format, with 64-bit integers in both types", () => {
  for (const user of fakes(UserSchema)) {
    assert.equal(typeof user.credit, "bigint");
    assert.equal(typeof user.points, "string");
    assert.deepEqual(fromBinary(UserSchema, toBinary(UserSchema, user)), user);
  }
});

test("enums have no unspecified value unless asked, or unless there is no other", () => {
  const roles = (unspecified: boolean) => new Set(fakes(UserSchema, { unspecified }).map(({ role }) => role));
  assert.deepEqual(roles(false), new Set([Role.ADMIN, Role.GUEST]));
  assert.ok(roles(true).has(Role.UNSPECIFIED));
  assert.equal(fake(users.OnlyUnspecifiedSchema).only, users.Only.UNSPECIFIED);
});

test("one branch of a oneof is set, and not always the same", () => {
  const cases = new Set(fakes(UserSchema).map(({ contact }) => contact.case));
  assert.deepEqual(cases, new Set(["phone", "office"]));
});

test("fields with presence are set by the ratio", () => {
  const set = (optional: number) =>
    fakes(UserSchema, { optional }).filter(({ pageSize }) => pageSize !== undefined).length;
  assert.equal(set(0), 0);
  assert.equal(set(1), seeds.length);
  assert.ok(set(0.5) > 3 && set(0.5) < 17, `${set(0.5)}`);
});

test("lists and maps have from min to max items", () => {
  const sizes = (options: object) => fakes(UserSchema, options).map(({ emails }) => emails.length);
  assert.deepEqual(new Set(sizes({})), new Set([1, 2, 3]));
  assert.deepEqual(new Set(sizes({ min: 5 })), new Set([5]));
  assert.deepEqual(new Set(sizes({ max: 0 })), new Set([0]));
  for (const { labels, places } of fakes(UserSchema, { min: 2, max: 2 })) {
    assert.equal(Object.keys(labels).length, 2);
    assert.equal(Object.keys(places).length, 2);
  }
});

test("messages end at the depth", () => {
  const deep = (maxDepth: number) => toJson(users.DeepSchema, fake(users.DeepSchema, { ...all, maxDepth }));
  assert.deepEqual(deep(0), {});
  assert.deepEqual(deep(1), { one: {} });
  assert.deepEqual(deep(2), { one: { two: {} } });
  assert.match(JSON.stringify(deep(3)), /"three":\{"text":"/);
});

test("trees end, also those of several types, and stay small", () => {
  const sizes = fakes(users.TreeSchema).map((tree) => JSON.stringify(toJson(users.TreeSchema, tree)).length);
  assert.ok(Math.max(...sizes) < 20_000, `${Math.max(...sizes)}`);
  assert.ok(sizes.some((size) => size > 100));
  for (const chicken of fakes(users.ChickenSchema)) toBinary(users.ChickenSchema, chicken);
});

test("a field that is added does not change the values of the others", () => {
  const json = (names: string[]) => {
    const schema = messageWith(names);
    return toJson(schema, fake(schema, { ...all, seed: 1 })) as Record<string, string>;
  };
  const { nickname: added, ...others } = json(["city", "nickname", "email"]);
  assert.ok(added);
  assert.deepEqual(others, json(["city", "email"]));
});

test("a branch that is added to a oneof changes nothing unless it is chosen", () => {
  const json = (names: string[], seed: number) => {
    const schema = messageWith(names, "choice");
    return toJson(schema, fake(schema, { ...all, seed })) as Record<string, string>;
  };
  const many = Array.from({ length: 60 }, (_, seed) => seed);
  const added = many.filter((seed) => {
    const { nickname, ...others } = json(["city", "nickname", "email"], seed);
    if (nickname === undefined) assert.deepEqual(others, json(["city", "email"], seed));
    return nickname !== undefined;
  });
  // One of three branches.
  assert.ok(added.length > 8 && added.length < 35, `${added.length}`);
});

test("an override does not change the values of the other fields", () => {
  const [user] = fakes(UserSchema);
  const [fixed] = fakes(UserSchema, { overrides: { firstName: "Ada", emails: [] } });
  assert.equal(fixed?.email, user?.email);
  assert.deepEqual(fixed?.address, user?.address);
});

test("well-known types have values of their own", () => {
  for (const known of fakes(users.WellKnownSchema)) {
    const json = toJson(users.WellKnownSchema, known, { registry: createRegistry(...wellKnown()) }) as Record<
      string,
      never
    >;
    assert.match(json["timeout"] ?? "", /^\d+(\.\d+)?s$/);
    assert.deepEqual(json["empty"], {});
    assert.match(json["email"] ?? "", /@example\./);
    assert.ok(Object.keys(json["struct"] ?? {}).length > 0);
    assert.ok(Array.isArray(json["list"]));
    assert.ok(known.structs.length > 0 && known.doubles.length > 0 && Object.keys(known.times).length > 0);
    assert.deepEqual(fromBinary(users.WellKnownSchema, toBinary(users.WellKnownSchema, known)), known);
  }
  assert.equal(fake(TimestampSchema, { now }).$typeName, "google.protobuf.Timestamp");
});

test("an Any has a type of the registry", () => {
  const registry = createRegistry(users.AddressSchema);
  const any = fake(users.WellKnownSchema, { ...all, registry }).any;
  assert.equal(any?.typeUrl, "type.googleapis.com/connectum.protofake.v1.Address");
  assert.ok(fromBinary(users.AddressSchema, any?.value ?? new Uint8Array()).city.length > 0);
});

test("a field mask has the names of fields that there are", () => {
  const names = new Set(UserSchema.fields.map(({ name }) => name));
  for (const { updateMask } of fakes(users.UpdateUserRequestSchema)) {
    assert.ok(updateMask && updateMask.paths.length > 0);
    for (const path of updateMask.paths) assert.ok(names.has(path), path);
  }
});

test("the types of google.type are known by their names", () => {
  const one = <Desc extends DescMessage>(schema: Desc) => fakes(schema)[0] as MessageShape<Desc>;
  const money = one(google.MoneySchema);
  assert.match(money.currencyCode, /^[A-Z]{3}$/);
  assert.ok(money.units > 0n && money.nanos >= 0 && money.nanos < 1e9);
  for (const { latitude, longitude } of fakes(google.LatLngSchema)) {
    assert.ok(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180);
  }
  assert.match(one(google.LocalizedTextSchema).languageCode, /^[a-z]{2}(-[A-Z]{2})?$/);
  const { year, month, day } = one(google.DateSchema);
  assert.ok(year > 2000 && month >= 1 && month <= 12 && day >= 1 && day <= 28);
  assert.ok(one(google.TimeOfDaySchema).hours < 24);
  assert.equal(one(google.DateTimeSchema).timeOffset.case, "timeZone");
  for (const { startTime, endTime } of fakes(google.IntervalSchema)) {
    assert.ok(timestampMs(startTime as Timestamp) < timestampMs(endTime as Timestamp));
  }
  const color = one(google.ColorSchema);
  assert.ok(color.red >= 0 && color.red <= 1 && color.alpha === 1);
  assert.equal(one(google.PostalAddressSchema).addressLines.length, 1);
  assert.match(String(one(google.PhoneNumberSchema).kind.value), /^\+\d+$/);
});

test("proto2: required fields and groups are set, and closed enums have defined values", () => {
  for (const old of fakes(OldSchema, { optional: 0.3 })) {
    assert.ok(old.id !== "" && [Closed.ONE, Closed.TWO].includes(old.closed));
    assert.deepEqual(fromBinary(OldSchema, toBinary(OldSchema, old)).id, old.id);
  }
  assert.equal(typeof fake(OldSchema, all).detail?.amount, "number");
  assert.ok(fake(OldSchema, all).line.length > 0);
});

test("extensions of the registry are set, by their rules", () => {
  const registry = createRegistry(nickname, scores, parent);
  const old = fake(OldSchema, { ...all, registry, seed: 1 });
  assert.ok(getExtension(old, nickname).length > 0);
  assert.ok(getExtension(old, scores).length >= 4);
  assert.ok(seeds.some((seed) => hasExtension(fake(OldSchema, { ...all, registry, seed }), parent)));
  assert.equal(hasExtension(fake(OldSchema, all), nickname), false);
});

test("editions: features decide on presence, encoding and enums", () => {
  for (const edition of fakes(EditionSchema, { optional: 0 }) as Edition[]) {
    assert.equal(Object.hasOwn(edition, "explicit"), false);
    assert.ok(edition.implicit !== "" && edition.required !== "");
  }
  const edition = fake(EditionSchema, all);
  assert.ok((edition.delimited?.text ?? "") !== "");
  assert.ok([Shade.DARK, Shade.LIGHT].includes(edition.shade));
});

test("overrides are taken as they are, and what they leave out is faked", () => {
  const office = create(users.AddressSchema, { city: "Oslo" });
  const overrides = {
    firstName: "Ada",
    age: 0,
    address: { city: "Paris" },
    contact: { case: "office", value: office },
    addresses: [{ city: "Rome" }, office],
    places: { home: { city: "Lima" } },
    labels: {},
    createdAt: undefined,
    points: "7",
  } as const;
  const user = fake(UserSchema, { ...all, seed: 1, overrides: { ...overrides, addresses: [...overrides.addresses] } });
  assert.equal(user.firstName, "Ada");
  assert.equal(user.age, 0);
  assert.equal(user.address?.city, "Paris");
  assert.ok((user.address?.street ?? "") !== "");
  assert.deepEqual(user.contact, { case: "office", value: office });
  assert.deepEqual(
    user.addresses.map(({ city, street }) => [city, street !== ""]),
    [
      ["Rome", true],
      ["Oslo", false],
    ],
  );
  assert.deepEqual(
    Object.entries(user.places).map(([key, { city, street }]) => [key, city, street !== ""]),
    [["home", "Lima", true]],
  );
  assert.deepEqual(user.labels, {});
  assert.equal(user.createdAt, undefined);
  assert.equal(user.points, "7");
});

test("well-known types are given as `create` takes them", () => {
  const overrides = {
    email: "ada@example.com",
    count: 7n,
    createdAt: { seconds: 5n },
    struct: { a: [1, null] },
    mask: { paths: ["a.b"] },
    doubles: [{ value: 1.5 }],
    times: { start: { seconds: 6n } },
  };
  const known = fake(users.WellKnownSchema, { ...all, overrides });
  assert.equal(known.email, "ada@example.com");
  assert.equal(known.count, 7n);
  assert.equal(known.createdAt?.seconds, 5n);
  assert.deepEqual(known.struct, { a: [1, null] });
  assert.deepEqual(known.mask?.paths, ["a.b"]);
  assert.equal(known.doubles[0]?.value, 1.5);
  assert.deepEqual(
    Object.entries(known.times).map(([key, { seconds }]) => [key, seconds]),
    [["start", 6n]],
  );
});

test("a oneof can be given as a case whose value is faked, and as none", () => {
  const contact = (given: object) => fake(UserSchema, { overrides: { contact: given } as never }).contact;
  assert.equal(contact({ case: "phone" }).case, "phone");
  assert.match(String(contact({ case: "phone" }).value), /^\+/);
  assert.equal(contact({ case: undefined }).case, undefined);
});

const wrong: [overrides: unknown, message: RegExp][] = [
  [{ emial: "a" }, /^connectum\.protofake\.v1\.User has no field "emial": did you mean "email"\?$/],
  [{ first_name: "a" }, /has no field "first_name": did you mean "firstName"\?$/],
  [{ nothing: "a" }, /^connectum\.protofake\.v1\.User has no field "nothing": it has userId, .*contact, .*latitude$/],
  [
    { address: { town: "a" } },
    /^connectum\.protofake\.v1\.Address has no field "town" at overrides\.address: it has street, /,
  ],
  [{ addresses: [{ town: "a" }] }, /has no field "town" at overrides\.addresses\[0\]/],
  [{ places: { home: { town: "a" } } }, /has no field "town" at overrides\.places\["home"\]/],
  [{ phone: "1" }, /^phone of .*User is in the oneof contact: give \{ contact: \{ case: "phone", value \} \}$/],
  [{ contact: { case: "fax", value: "1" } }, /^overrides\.contact has no case "fax": it has phone, office$/],
  [{ contact: "phone" }, /^overrides\.contact is a oneof: give \{ case, value \}, with a case of phone, office$/],
  [{ emails: "a" }, /^overrides\.emails must be an array, not "a"$/],
  [{ labels: 1 }, /^overrides\.labels must be an object, not 1$/],
  [{ address: 1 }, /^overrides\.address must be an object with fields of connectum\.protofake\.v1\.Address, not 1$/],
  [{ age: "old" }, /^the override of age does not fit: .*expected number \(int32\), got "old"$/],
  [{ address: { city: 1 } }, /^the override of address\.city does not fit: /],
  [1, /^overrides must be an object with fields of connectum\.protofake\.v1\.User, not 1$/],
];

for (const [overrides, message] of wrong) {
  test(`a wrong override is a TypeError: ${JSON.stringify(overrides)}`, () => {
    assert.throws(() => fake(UserSchema, { overrides: overrides as never }), { name: "TypeError", message });
  });
}

test("a schema that is none is a TypeError that says what is expected", () => {
  const expected = "the schema must be that of a message, such as UserSchema of user_pb.js, not";
  assert.throws(() => fake(undefined as never), { name: "TypeError", message: `${expected} undefined` });
  const message = `${expected} a descriptor of kind "service"`;
  assert.throws(() => fake(users.UserService as never), { name: "TypeError", message });
});

test("a stream has so many messages, each with other values, the same for the same seed", async () => {
  const collect = async () => {
    const names: string[] = [];
    for await (const { firstName, userId } of fakeStream(UserSchema, 4, { seed: 1, now }))
      names.push(firstName + userId);
    return names;
  };
  const names = await collect();
  assert.equal(new Set(names).size, 4);
  assert.deepEqual(await collect(), names);
  for await (const _ of fakeStream(UserSchema, 0)) assert.fail("there is a message");
  const message = "fakeStream: length must be an integer from 0, or Infinity, not -1";
  assert.throws(() => fakeStream(UserSchema, -1), { name: "TypeError", message });
});

function wellKnown(): DescMessage[] {
  return users.WellKnownSchema.fields.flatMap(({ message }) => (message === undefined ? [] : [message]));
}

/** A message type with these fields, all strings, and all in a oneof if it has a name. */
function messageWith(names: string[], oneof?: string): DescMessage {
  const type = FieldDescriptorProto_Type.STRING;
  const field = names.map((name, index) => ({
    name,
    jsonName: name,
    number: index + 1,
    type,
    label: FieldDescriptorProto_Label.OPTIONAL,
    ...(oneof === undefined ? {} : { oneofIndex: 0 }),
  }));
  const messageType = [{ name: "Grown", field, oneofDecl: oneof === undefined ? [] : [{ name: oneof }] }];
  const file = create(FileDescriptorProtoSchema, { name: "grown.proto", syntax: "proto3", messageType });
  const schema = createFileRegistry(file, () => undefined).getMessage("Grown");
  assert.ok(schema);
  return schema;
}
