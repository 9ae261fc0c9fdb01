// Compiled, never run: programs that use @connectum/testing/protofake.
import type { ServiceImpl } from "@connectrpc/connect";
import { arbitrary } from "@connectum/testing/arbitrary";
import { type FakeOptions, fake, fakeService, fakeStream, type Overrides } from "@connectum/testing/protofake";
import { faker } from "@faker-js/faker";
import fc from "fast-check";
import { type User, UserSchema, UserService } from "../protofake/gen/connectum/protofake/v1/users_pb.js";

// The message has its type, and so have the items of streams and the values of arbitraries.
export const user: User = fake(UserSchema, { seed: 1, faker });
export const users: AsyncIterable<User> = fakeStream(UserSchema, 2, { faker: false });
export const property = fc.property(arbitrary(UserSchema), ({ firstName }: User) => firstName !== "");
export const service: ServiceImpl<typeof UserService> = fakeService(UserService, {
  overrides: { getUser: { age: 3 } },
});

// Overrides are typed at all depths.
export const overrides: Overrides<typeof UserSchema> = {
  address: { city: "Oslo" },
  contact: { case: "office", value: { city: "Rome" } },
  addresses: [{ city: "Lima" }],
  places: { home: { city: "Paris" } },
  pageSize: undefined,
};

type Given<Value> = Value extends Overrides<typeof UserSchema> ? true : false;
/** What does not fit is no override. */
export const wrong: [
  Given<{ age: string }>,
  Given<{ address: { city: number } }>,
  Given<{ contact: { case: "fax"; value: string } }>,
] = [false, false, false];

// Options can be made apart from the call.
export const options: FakeOptions<typeof UserSchema> = { optional: 1, overrides };
