// Compiled, never run: programs that use @connectum/testing.
import type { Client, Interceptor, Transport } from "@connectrpc/connect";
import type { Context, RemoteResolver, Server, ServiceDefinition, ServiceRoute } from "@connectum/core";
import * as testing from "@connectum/testing";
import * as parity from "@connectum/testing/parity";
import { EchoService } from "../../proto/gen/connectum/test/v1/echo_pb.ts";

// contract: TG-types
// The types of the root, and those of the subpath.
export type OfTheRoot = [
  testing.FakeMethodOptions,
  testing.FakeServiceOptions,
  testing.MockCall<[string]>,
  testing.MockDescFieldOptions,
  testing.MockDescMessageOptions,
  testing.MockDescMethodOptions,
  testing.MockFn<() => void>,
  testing.MockNextOptions,
  testing.MockRequestOptions,
  testing.MockStreamOptions,
  testing.TestServer,
  testing.CreateTestServerOptions,
  testing.CreateMockContextOptions,
  testing.MockService,
  testing.NormalizedSpan,
  testing.NormalizedMetric,
  // Ours.
  testing.MockContext,
  testing.MockNext,
  testing.MockRequest,
  testing.MockResponse,
  testing.MockStreamRequest,
  testing.MockUnaryRequest,
  testing.RecordServerOptions,
  testing.ReplayOptions,
];
export type OfParity = [
  parity.ParityScenarioContext,
  parity.ParityScenarioResult,
  parity.TransportKind,
  parity.TransportParityTestOptions,
  // Ours.
  parity.ParityCollectors,
  parity.ParityInterceptors,
];

declare const routes: ServiceRoute;
declare const definition: ServiceDefinition;
declare const interceptor: Interceptor;
declare const server: Server;

// Lists may be read-only.
const services = [routes, definition] as const;
const interceptors = [interceptor] as const;

export async function serve(): Promise<number> {
  await using served = await testing.createTestServer({
    services,
    interceptors,
    protocol: "connect",
    httpVersion: "1.1",
  });
  const transport: Transport = served.transport;
  const length: number = await testing.withTestServer({ services }, async ({ baseUrl }) => baseUrl.length);
  return served.port + length + (transport === served.transport ? 1 : 0);
}

// A client has the types of its service, and so have mocks.
export const client: Client<typeof EchoService> = testing.createLocalClient(server, EchoService);
const mock = testing.mockService(EchoService, { echo: ({ text }) => ({ text }) });
export const resolver: RemoteResolver = testing.mockResolver([mock]);
// @ts-expect-error A method that does not exist.
testing.mockService(EchoService, { ecko: () => ({}) });
// @ts-expect-error A response of another type.
testing.mockService(EchoService, { echo: () => ({ text: 1 }) });

// A context is one that handlers take.
export const context: Context = testing.createMockContext({ mocks: [mock], method: EchoService.method.echo });

// A recording is answered by a transport.
testing.recordServer(server, "calls.jsonl", { headers: ["x-tenant"] });
export const replayed: Transport = testing.replay(new URL("file:///calls.jsonl"));

// Collectors are options of what records.
const spans = new testing.InMemorySpanCollector();
const metrics = new testing.InMemoryMetricCollector();
export const options = { ...spans.options, ...metrics.options };
export const flushed: Promise<[testing.NormalizedSpan[], testing.NormalizedMetric[]]> = Promise.all([
  spans.flush(),
  metrics.flush(),
]);

// Interceptors of a scenario may be made for each run.
export const run: Promise<void> = parity.runTransportParity({
  services,
  interceptors: ({ spans }) => (spans.flush().length === 0 ? interceptors : []),
  clientInterceptors: interceptors,
  scenario: async ({ transportKind }) => ({ response: transportKind }),
});
