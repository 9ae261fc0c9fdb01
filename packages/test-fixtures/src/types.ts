// The types of `@connectum/test-fixtures/types`: the options of its functions.
export type { MockNextOptions } from "./calls/mock-next.ts";
export type { MockRequestOptions } from "./calls/mock-request.ts";
export type { MockStreamOptions } from "./calls/mock-stream.ts";
export type { FakeMethodOptions } from "./descriptors/fake-method.ts";
export type { FakeServiceOptions } from "./descriptors/fake-service.ts";
export type { MockDescFieldOptions } from "./descriptors/mock-desc-field.ts";
export type { MockDescMessageOptions } from "./descriptors/mock-desc-message.ts";
export type { MockDescMethodOptions } from "./descriptors/mock-desc-method.ts";
