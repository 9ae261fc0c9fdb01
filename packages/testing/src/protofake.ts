// `@connectum/testing/protofake`: messages and services with values that fit their names and their rules.
export { fake } from "./protofake/fake.ts";
export { FakeError, type Unmet } from "./protofake/fake-error.ts";
export { type FakeServiceOptions, fakeService } from "./protofake/fake-service.ts";
export { fakeStream } from "./protofake/fake-stream.ts";
export type { CommonFakeOptions, FakeOptions } from "./protofake/options.ts";
export type { Overrides } from "./protofake/overrides.ts";
export type { FakerLike } from "./protofake/words/faker-like.ts";
