// A collector for OTLP over HTTP, and over gRPC: it keeps what it gets.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
import type { TestContext } from "node:test";
import { Server, ServerCredentials } from "@grpc/grpc-js";

/** A request of an exporter. */
export interface Exported {
  /** The path, over HTTP and gRPC alike. */
  readonly path: string;
  /** `grpc`, or the content type. */
  readonly type: string;
  readonly body: Buffer;
  readonly header: (name: string) => string | undefined;
}

export interface Collector {
  readonly url: string;
  readonly exported: readonly Exported[];
}

/** A test, or what else runs something at its end. */
type Ending = Pick<TestContext, "after">;

/** Answers each request with `status`, or never. */
export async function httpCollector(t: Ending, status: number | "never" = 200): Promise<Collector> {
  const exported: Exported[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { url: path = "", headers } = request;
      const header = (name: string) => headers[name]?.toString();
      exported.push({ path, type: header("content-type") ?? "", body: Buffer.concat(chunks), header });
      if (status !== "never") response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, exported };
}

const SERVICES = {
  "trace.v1.TraceService": "traces",
  "metrics.v1.MetricsService": "metrics",
  "logs.v1.LogsService": "logs",
};

export async function grpcCollector(t: Ending): Promise<Collector> {
  const exported: Exported[] = [];
  const server = new Server();
  const asItIs = (bytes: Buffer) => bytes;
  for (const name of Object.keys(SERVICES)) {
    const path = `/opentelemetry.proto.collector.${name}/Export`;
    const method = {
      path,
      requestStream: false,
      responseStream: false,
      requestSerialize: asItIs,
      requestDeserialize: asItIs,
      responseSerialize: asItIs,
      responseDeserialize: asItIs,
    };
    server.addService(
      { Export: method },
      {
        Export: (
          call: { request: Buffer; metadata: { get(name: string): unknown[] } },
          done: (error: null, answer: Buffer) => void,
        ) => {
          const header = (name: string) => call.metadata.get(name)[0]?.toString();
          exported.push({ path, type: "grpc", body: call.request, header });
          done(null, Buffer.alloc(0));
        },
      },
    );
  }
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  t.after(() => server.forceShutdown());
  return { url: `http://127.0.0.1:${port}`, exported };
}

/** Sets variables for one test, and removes all others that `@connectum/otel` reads. */
export function useEnv(t: TestContext, variables: Record<string, string>): void {
  const before = { ...process.env };
  const remove = (name: string) => /^(OTEL_|npm_package_|LOG_LEVEL)/.test(name) && delete process.env[name];
  Object.keys(process.env).forEach(remove);
  Object.assign(process.env, variables);
  t.after(() => {
    Object.keys(process.env).forEach(remove);
    Object.assign(process.env, before);
  });
}
