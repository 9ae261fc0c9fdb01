// The server that the judges test: the echo service, health and reflection.
import type { TestContext } from "node:test";
import type { Interceptor } from "@connectrpc/connect";
import type { ServiceRoute } from "@connectum/core";
import { createHealthcheckManager, Healthcheck, type HealthcheckManager, ServingStatus } from "@connectum/healthcheck";
import { Reflection } from "@connectum/reflection";
import { EchoService } from "../../proto/gen/connectum/test/v1/echo_pb.ts";
import { type EchoServer, startEchoServer } from "../support/echo-server.ts";

/** The name of the echo service. */
export const ECHO = EchoService.typeName;

/** The names of all services of this server, in alphabetical order. */
export const SERVICES: readonly string[] = [
  ECHO,
  "grpc.health.v1.Health",
  "grpc.reflection.v1.ServerReflection",
  "grpc.reflection.v1alpha.ServerReflection",
];

/** A running server. */
export interface JudgedServer extends EchoServer {
  /** Host and port of `url`. */
  readonly address: string;
  /** The manager of its health. The echo service and the overall status are `SERVING`. */
  readonly manager: HealthcheckManager;
}

/** Options of the server. */
export interface JudgedServerOptions {
  /** Whether it is reached over TLS, with the certificate of `localhost`. Default false. */
  readonly secure?: boolean;
  /** They run for reflection, not for health. Default none. */
  readonly interceptors?: Interceptor[];
  /** Services besides the echo service. Default none. */
  readonly services?: ServiceRoute[];
}

/** Starts it. */
export async function startJudgedServer(
  t: TestContext,
  { secure = false, ...options }: JudgedServerOptions = {},
): Promise<JudgedServer> {
  const manager = createHealthcheckManager();
  const protocols = [Healthcheck({ manager, httpEnabled: true }), Reflection()];
  const served = await startEchoServer(t, secure, { ...options, protocols });
  manager.update(ServingStatus.SERVING);
  return { ...served, address: new URL(served.url).host, manager };
}
