// Wrong options of @connectum/testing.
import { devNull } from "node:os";
import { createServer } from "@connectum/core";
import {
  type CreateMockContextOptions,
  type CreateTestServerOptions,
  createMockContext,
  createTestServer,
  type RecordServerOptions,
  type ReplayOptions,
  recordServer,
  replay,
} from "@connectum/testing";
import { runTransportParity, type TransportParityTestOptions } from "@connectum/testing/parity";
import { EchoService } from "../../proto/gen/connectum/test/v1/echo_pb.ts";
import { identity } from "../support/certificates.ts";
import type { OptionsObject } from "./options-object.ts";

/** Uses options of any type, as JavaScript may. */
const using = (factory: unknown) => factory as (options: unknown) => unknown;

/** Nothing stays open when options are right. */
async function startAndClose(options: unknown): Promise<void> {
  const server = await using(createTestServer)(options);
  await (server as Awaited<ReturnType<typeof createTestServer>>).close();
}

const SERVER = "TypeError: createTestServer:";

export const testServer: OptionsObject<CreateTestServerOptions> = {
  name: "createTestServer",
  prefix: "",
  use: startAndClose,
  needed: { services: [] },
  wrong: {
    services: [
      [
        { services: 1 },
        "TypeError: createServer: services must be an array, as in createServer({ services: [routes] }), not 1",
      ],
    ],
    interceptors: [[{ interceptors: {} }, `${SERVER} interceptors must be an array, not an object`]],
    protocols: [[{ protocols: 1 }, `${SERVER} protocols must be an array, not 1`]],
    port: [[{ port: 65_536 }, "RangeError: createTestServer: port must be an integer from 0 to 65535, not 65536"]],
    protocol: [
      [
        { protocol: "grpcweb" },
        'RangeError: createTestServer: protocol must be one of "grpc", "grpc-web", "connect", not "grpcweb"',
      ],
    ],
    httpVersion: [
      [{ httpVersion: "3" }, 'RangeError: createTestServer: httpVersion must be one of "1.1", "2", not "3"'],
      [{ httpVersion: 2 }, `${SERVER} httpVersion must be one of "1.1", "2", not 2`],
      [
        { httpVersion: "1.1" },
        'RangeError: createTestServer: gRPC needs httpVersion "2"; over "1.1" protocol can be "grpc-web" or "connect"',
      ],
    ],
    tls: [
      [{ tls: { certt: "a" } }, 'TypeError: createServer: there is no option "tls.certt". Did you mean "tls.cert"?'],
    ],
    clientTls: [
      [{ clientTls: {} }, `${SERVER} clientTls has no effect without tls`],
      [
        { clientTls: { certs: "a" }, tls: identity("server") },
        `${SERVER} there is no option "clientTls.certs". Did you mean "clientTls.cert"?`,
      ],
    ],
    clientInterceptors: [
      [{ clientInterceptors: {} }, `${SERVER} clientInterceptors must be an array, not an object`],
      [{ clientInterceptors: [1] }, `${SERVER} clientInterceptors[0] must be a function, not 1`],
    ],
    beforeStart: [[{ beforeStart: {} }, `${SERVER} beforeStart must be a function, not an object`]],
    serverOptions: [
      [{ serverOptions: 1 }, `${SERVER} serverOptions must be an object, not 1`],
      [{ serverOptions: { port: 1 } }, `${SERVER} serverOptions cannot have port: use the option port`],
      [
        { serverOptions: { path: "/tmp/a" } },
        `${SERVER} serverOptions cannot have path: a test server listens on a port of loopback`,
      ],
      [
        { serverOptions: { readMaxByte: 1 } },
        'TypeError: createServer: there is no option "readMaxByte". Did you mean "readMaxBytes"?',
      ],
    ],
  },
};

const CONTEXT = "TypeError: createMockContext:";

export const mockContext: OptionsObject<CreateMockContextOptions> = {
  name: "createMockContext",
  prefix: "",
  use: using(createMockContext),
  needed: { method: EchoService.method.echo },
  wrong: {
    catalog: [
      [{ catalog: 1 }, `${CONTEXT} catalog must be an object, not 1`],
      [{ catalog: [EchoService] }, `${CONTEXT} catalog must be an object, not an array`],
      [{ catalog: { a: 5 } }, `${CONTEXT} catalog["a"] must be the descriptor of a service, not 5`],
    ],
    mocks: [[{ mocks: {} }, "TypeError: mockResolver: the argument must be an array of mock services, not an object"]],
    outgoingInterceptors: [[{ outgoingInterceptors: 1 }, `${CONTEXT} outgoingInterceptors must be an array, not 1`]],
    requestHeader: [[{ requestHeader: 1 }, `${CONTEXT} requestHeader must be what Headers takes, not 1`]],
    timeoutMs: [
      [{ timeoutMs: "1s" }, `${CONTEXT} timeoutMs must be a number of milliseconds up to 2147483647, not "1s"`],
      [
        { timeoutMs: Number.NaN },
        "RangeError: createMockContext: timeoutMs must be a number of milliseconds up to 2147483647, not NaN",
      ],
    ],
    propagateHeaders: [
      [{ propagateHeaders: ["a b"] }, `${CONTEXT} propagateHeaders has "a b", which is no name of a header`],
    ],
    method: [
      [
        { method: "Echo" },
        `${CONTEXT} method must be the descriptor of a method, for example Greeter.method.greet, not "Echo"`,
      ],
      [
        { method: null },
        `${CONTEXT} method must be the descriptor of a method, for example Greeter.method.greet, not null`,
      ],
    ],
    values: [
      [
        { values: {} },
        `${CONTEXT} values must be an object with the methods get, set, delete: it has no get, set, delete`,
      ],
    ],
    signal: [[{ signal: {} }, `${CONTEXT} signal must be an AbortSignal, not an object`]],
    peer: [[{ peer: "me" }, `${CONTEXT} peer must be an object, not "me"`]],
  },
};

const PARITY = "TypeError: runTransportParity:";

export const parity: OptionsObject<TransportParityTestOptions> = {
  name: "runTransportParity",
  prefix: "",
  use: using(runTransportParity),
  needed: { services: [], scenario: async () => ({}) },
  wrong: {
    services: [
      [
        { services: 1 },
        "TypeError: createServer: services must be an array, as in createServer({ services: [routes] }), not 1",
      ],
    ],
    interceptors: [[{ interceptors: {} }, `${PARITY} interceptors must be an array, not an object`]],
    clientInterceptors: [[{ clientInterceptors: 1 }, `${PARITY} clientInterceptors must be an array, not 1`]],
    protocols: [[{ protocols: 1 }, `${PARITY} protocols must be an array, not 1`]],
    protocol: [
      [
        { protocol: "http" },
        'RangeError: runTransportParity: protocol must be one of "grpc", "grpc-web", "connect", not "http"',
      ],
    ],
    scenario: [[{ scenario: 1 }, `${PARITY} scenario must be a function, not number`]],
    compare: [[{ compare: {} }, `${PARITY} compare must be a function, not an object`]],
  },
};

const NO_REGISTRY = "registry must be an object with the methods getMessage: it has no getMessage";

export const recording: OptionsObject<RecordServerOptions> = {
  name: "recordServer",
  prefix: "",
  use: (options) => Reflect.apply(recordServer, undefined, [createServer({ services: [] }), devNull, options]),
  wrong: {
    headers: [
      [{ headers: "x-tenant" }, 'TypeError: recordServer: headers must be an array, not "x-tenant"'],
      [{ headers: [1] }, "TypeError: recordServer: headers[0] must be a string, not 1"],
      [{ headers: ["a b"] }, 'TypeError: recordServer: headers[0] must be the name of a header, not "a b"'],
    ],
    registry: [[{ registry: {} }, `TypeError: recordServer: ${NO_REGISTRY}`]],
  },
};

export const replayed: OptionsObject<ReplayOptions> = {
  name: "replay",
  prefix: "",
  use: (options) => Reflect.apply(replay, undefined, [devNull, options]),
  wrong: {
    interceptors: [
      [{ interceptors: 1 }, "TypeError: replay: interceptors must be an array, not 1"],
      [{ interceptors: [1] }, "TypeError: replay: interceptors[0] must be a function, not 1"],
    ],
    registry: [[{ registry: {} }, `TypeError: replay: ${NO_REGISTRY}`]],
  },
};
