// One scenario over HTTP, and again in process.
import type { Interceptor, Transport } from "@connectrpc/connect";
import {
  createLocalTransport,
  createServer,
  type ProtocolRegistration,
  type Server,
  type ServiceDefinition,
  type ServiceRoute,
} from "@connectum/core";
import {
  assertArray,
  assertFunction,
  assertKnownKeys,
  assertOneOf,
  isPlainObject,
  type Keys,
  shown,
} from "@connectum/hooks";
import { createTestServer } from "../servers/test-server.ts";
import { InMemoryMetricCollector } from "../telemetry/metric-collector.ts";
import { InMemorySpanCollector } from "../telemetry/span-collector.ts";
import { defaultCompare, type ParityScenarioResult } from "./default-compare.ts";

export type TransportKind = "http" | "local";

/** What a scenario gets, new for each of both runs. */
export interface ParityScenarioContext {
  transport: Transport;
  transportKind: TransportKind;
  server: Server;
  /** Undefined in process. */
  baseUrl: string | undefined;
  spans: InMemorySpanCollector;
  metrics: InMemoryMetricCollector;
}

/** The collectors of a run, for interceptors: `createOtelInterceptor({ ...spans.options, ...metrics.options })`. */
export type ParityCollectors = Pick<ParityScenarioContext, "spans" | "metrics">;

/** Interceptors for both runs, or a function that makes them for each run. */
export type ParityInterceptors = readonly Interceptor[] | ((collectors: ParityCollectors) => readonly Interceptor[]);

export interface TransportParityTestOptions {
  services: readonly (ServiceDefinition | ServiceRoute)[];
  /** Around every handler. An array is shared by both runs. Default: none. */
  interceptors?: ParityInterceptors | undefined;
  /** Around every call of the transport. An array is shared by both runs. Default: none. */
  clientInterceptors?: ParityInterceptors | undefined;
  /** Default: none. */
  protocols?: readonly ProtocolRegistration[] | undefined;
  /** What the transport speaks over HTTP/2. Default: `grpc`. */
  protocol?: "grpc" | "grpc-web" | "connect" | undefined;
  /** Makes calls, and resolves to what it observes: an object, `{}` if it asserts everything itself. */
  scenario: (ctx: ParityScenarioContext) => Promise<ParityScenarioResult>;
  /** Throws if both differ, or rejects. Default: `defaultCompare`. */
  compare?: ((http: ParityScenarioResult, local: ParityScenarioResult) => void | Promise<void>) | undefined;
}

const KEYS = {
  services: true,
  interceptors: true,
  clientInterceptors: true,
  protocol: true,
  protocols: true,
  scenario: true,
  compare: true,
} as const satisfies Keys<TransportParityTestOptions>;

/**
 * @param where the function that takes the options, for errors
 * @throws TypeError for an option that does not exist, or has another value than it may have
 */
export function checkParityOptions(where: string, options: TransportParityTestOptions): void {
  if (options === undefined) throw new TypeError(`${where}: the options are missing: { services, scenario }`);
  assertKnownKeys(options, KEYS, { where });
  assertArray(where, "protocols", options.protocols);
  assertOneOf(where, "protocol", options.protocol ?? "grpc", ["grpc", "grpc-web", "connect"]);
  assertFunction(where, "compare", options.compare);
  for (const name of ["interceptors", "clientInterceptors"] as const) {
    if (typeof options[name] !== "function") assertArray(where, name, options[name]);
  }
  if (typeof options.scenario !== "function") {
    throw new TypeError(`${where}: scenario must be a function, not ${typeof options.scenario}`);
  }
}

/**
 * Runs a scenario with a server over HTTP, then with another one in process, and compares what it has observed: for any
 * test runner.
 *
 * @throws whatever the scenario throws, after which nothing else runs; what `compare` throws; TypeError for an invalid
 *   option, and for a scenario that does not resolve to an object
 */
export async function runTransportParity(opts: TransportParityTestOptions): Promise<void> {
  checkParityOptions("runTransportParity", opts);
  const http = await withCollectors((collectors) => overHttp(opts, collectors));
  const local = await withCollectors((collectors) => inProcess(opts, collectors));
  await (opts.compare ?? defaultCompare)(http, local);
}

async function withCollectors<T>(run: (collectors: ParityCollectors) => Promise<T>): Promise<T> {
  const spans = new InMemorySpanCollector();
  const metrics = new InMemoryMetricCollector();
  try {
    return await run({ spans, metrics });
  } finally {
    await Promise.all([spans.dispose(), metrics.dispose()]);
  }
}

async function overHttp(opts: TransportParityTestOptions, collectors: ParityCollectors): Promise<ParityScenarioResult> {
  const { services, protocols, protocol } = opts;
  const served = await createTestServer({
    services,
    protocols,
    protocol,
    interceptors: made(opts.interceptors, collectors),
    clientInterceptors: made(opts.clientInterceptors, collectors),
  });
  try {
    const { server, transport, baseUrl } = served;
    return await observed(opts, { server, transport, baseUrl, transportKind: "http", ...collectors });
  } finally {
    await served.close();
  }
}

function inProcess(opts: TransportParityTestOptions, collectors: ParityCollectors): Promise<ParityScenarioResult> {
  const server = createServer({
    services: opts.services,
    interceptors: [...made(opts.interceptors, collectors)],
    protocols: [...(opts.protocols ?? [])],
  });
  const transport = createLocalTransport(server, { interceptors: [...made(opts.clientInterceptors, collectors)] });
  return observed(opts, { server, transport, baseUrl: undefined, transportKind: "local", ...collectors });
}

/** Two times nothing would be equal. */
async function observed(
  { scenario }: TransportParityTestOptions,
  context: ParityScenarioContext,
): Promise<ParityScenarioResult> {
  const result = await scenario(context);
  if (isPlainObject(result)) return result;
  const right = "an object with what is compared, such as { response }";
  throw new TypeError(`runTransportParity: the scenario must resolve to ${right}, not ${shown(result)}`);
}

function made(interceptors: ParityInterceptors = [], collectors: ParityCollectors): readonly Interceptor[] {
  return typeof interceptors === "function" ? interceptors(collectors) : interceptors;
}
