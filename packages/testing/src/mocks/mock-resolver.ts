// The resolver that finds mock services.
import { createRouterTransport, type Interceptor, type Transport } from "@connectrpc/connect";
import type { RemoteResolver } from "@connectum/core";
import { shown } from "@connectum/hooks";
import type { MockService } from "./mock-service.ts";

/** A header of every response of a mock. */
export const MOCK_RESPONSE_HEADER = "x-connectum-mock" as const;

/**
 * A `remoteResolver` for `createServer()`, which finds mock services by their names and no others. Their responses have
 * the header `x-connectum-mock: true`.
 *
 * @throws Error for two mocks of one service; TypeError for anything but results of `mockService()`
 */
export function mockResolver(mocks: readonly MockService[]): RemoteResolver {
  if (!Array.isArray(mocks)) {
    throw new TypeError(`mockResolver: the argument must be an array of mock services, not ${shown(mocks)}`);
  }
  const transports = new Map<string, Transport>();
  mocks.forEach((mock: MockService | undefined, index) => {
    if (mock?.service?.kind !== "service" || typeof mock.impl !== "object") {
      throw new TypeError(`mockResolver: mocks[${index}] must be a result of mockService(), not ${shown(mock)}`);
    }
    const { service, impl } = mock;
    if (transports.has(service.typeName)) {
      throw new Error(`mockResolver: duplicate mock service "${service.typeName}"`);
    }
    const transport = createRouterTransport((router) => router.service(service, impl), {
      transport: { interceptors: [tagged] },
    });
    transports.set(service.typeName, transport);
  });
  return ({ typeName }) => transports.get(typeName) ?? null;
}

const tagged: Interceptor = (next) => async (request) => {
  const response = await next(request);
  response.header.set(MOCK_RESPONSE_HEADER, "true");
  return response;
};
