// Python's grpcio: the HTTP/2 of gRPC's C core. python-caller.py makes the calls that it reads as lines of JSON.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { EchoRequestSchema, EchoResponseSchema } from "../../proto/gen/connectum/test/v1/echo_pb.ts";
import { certificatePath } from "../support/certificates.ts";
import { judgePath } from "../support/judge-path.ts";
import { testClient } from "./client-table.ts";
import type { Caller, EchoAnswer, EchoCall } from "./echo-call.ts";
import { grpcError } from "./grpc-error.ts";

testClient({ name: "Python grpcio", speaks: /^application\/grpc$/, connect: startCaller });

type Fields = [string, string][];

/** A line of the program's output. */
interface News {
  readonly call: number;
  readonly header?: Fields;
  readonly message?: string;
  readonly status?: number;
  readonly text?: string;
  readonly trailer?: Fields;
}

function startCaller(t: TestContext, url: string): Caller {
  const program = fileURLToPath(new URL("python-caller.py", import.meta.url));
  const secure = url.startsWith("https:");
  const child = spawn(
    judgePath("python/bin/python"),
    [program, new URL(url).host, ...(secure ? [certificatePath("ca.crt")] : [])],
    { env: { PYTHONPATH: judgePath("python/gen") }, stdio: ["pipe", "pipe", "inherit"] },
  );
  t.after(() => child.kill("SIGKILL"));
  const listeners: ((news: News) => void)[] = [];
  createInterface(child.stdout).on("line", (line) => {
    const news = JSON.parse(line) as News;
    listeners[news.call]?.(news);
  });
  const tell = (order: object) => void child.stdin.write(`${JSON.stringify(order)}\n`);

  return (call) => {
    const number = listeners.length;
    const finished = new Promise<EchoAnswer>((resolve, reject) => {
      child.once("exit", (code) => reject(new Error(`python-caller.py ended: ${code}`)));
      let header = new Headers();
      listeners.push((news) => {
        if (news.header) header = new Headers(news.header);
        if (news.message !== undefined) {
          call.onMessage(fromBinary(EchoResponseSchema, Buffer.from(news.message, "base64")));
        }
        if (news.status === undefined) return;
        const trailer = new Headers(news.trailer ?? []);
        if (news.status === 0) resolve({ header, trailer });
        else reject(grpcError(news.status, news.text ?? "", trailer));
      });
      sendAll(call, number, tell).catch(reject);
    });
    return finished;
  };
}

async function sendAll(call: EchoCall, number: number, tell: (order: object) => void): Promise<void> {
  const metadata = call.metadata.map(([name, value]) => [
    name,
    typeof value === "string" ? value : Buffer.from(value).toString("base64"),
  ]);
  const timeout = call.timeoutMs === undefined ? null : call.timeoutMs / 1000;
  tell({ call: number, begin: { kind: call.kind, metadata, timeout } });
  call.signal.addEventListener("abort", () => tell({ call: number, cancel: true }));
  for await (const request of call.requests) {
    const bytes = toBinary(EchoRequestSchema, create(EchoRequestSchema, request));
    tell({ call: number, request: Buffer.from(bytes).toString("base64") });
  }
  tell({ call: number, end: true });
}
