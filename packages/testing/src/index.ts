// The exports of `@connectum/testing`.

export * from "@connectum/test-fixtures";
export { type CreateMockContextOptions, createMockContext, type MockContext } from "./mocks/mock-context.ts";
export { MOCK_RESPONSE_HEADER, mockResolver } from "./mocks/mock-resolver.ts";
export { type MockService, mockService } from "./mocks/mock-service.ts";
export { type RecordServerOptions, recordServer } from "./recordings/record-server.ts";
export { type ReplayOptions, replay } from "./recordings/replay.ts";
export { createLocalClient } from "./servers/local-client.ts";
export { createTestServer, type TestServer, withTestServer } from "./servers/test-server.ts";
export type { CreateTestServerOptions } from "./servers/test-server-options.ts";
export { InMemoryMetricCollector, type NormalizedMetric } from "./telemetry/metric-collector.ts";
export { TRANSPORT_METRIC_ATTRIBUTE, TRANSPORT_SPAN_ATTRIBUTE } from "./telemetry/normalized.ts";
export { InMemorySpanCollector, type NormalizedSpan } from "./telemetry/span-collector.ts";
