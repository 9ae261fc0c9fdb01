// The exports of `@connectum/test-fixtures`.
export { assertConnectError } from "./assertions/assert-connect-error.ts";
export { createMockFn, type MockCall, type MockFn } from "./calls/mock-fn.ts";
export {
  createMockNext,
  createMockNextError,
  createMockNextSlow,
  type MockNext,
  type MockNextOptions,
  type MockResponse,
} from "./calls/mock-next.ts";
export {
  createMockRequest,
  type MockRequest,
  type MockRequestOptions,
  type MockStreamRequest,
  type MockUnaryRequest,
} from "./calls/mock-request.ts";
export { createMockStream, type MockStreamOptions } from "./calls/mock-stream.ts";
export { createFakeMethod, type FakeMethodOptions } from "./descriptors/fake-method.ts";
export { createFakeService, type FakeServiceOptions } from "./descriptors/fake-service.ts";
export { createMockDescField, type MockDescFieldOptions } from "./descriptors/mock-desc-field.ts";
export { createMockDescMessage, type MockDescMessageOptions } from "./descriptors/mock-desc-message.ts";
export { createMockDescMethod, type MockDescMethodOptions } from "./descriptors/mock-desc-method.ts";
