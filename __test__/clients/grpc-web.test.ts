// The official grpc-web client, text mode (base64) and binary, over the XMLHttpRequest of xhr2. It has unary calls and
// server streams; streams only in text mode, because XMLHttpRequest gives bytes only at the end.
import { createRequire } from "node:module";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError, encodeBinaryHeader } from "@connectrpc/connect";
import {
  type ClientReadableStream,
  GrpcWebClientBase,
  type Metadata,
  MethodDescriptor,
  MethodType,
  type RpcError,
} from "grpc-web";
import {
  type EchoRequest,
  EchoRequestSchema,
  type EchoResponse,
  EchoResponseSchema,
  EchoService,
} from "../../proto/gen/connectum/test/v1/echo_pb.ts";
import { testClient } from "./client-table.ts";
import { type Caller, type Kind, methods, onlyRequest } from "./echo-call.ts";
import { grpcError } from "./grpc-error.ts";

// xhr2 has no types; here only grpc-web uses it.
Object.assign(globalThis, { XMLHttpRequest: createRequire(import.meta.url)("xhr2") as unknown });

const modes: [string, RegExp, Kind[]][] = [
  ["text", /^application\/grpc-web-text$/, ["unary", "server stream"]],
  ["binary", /^application\/grpc-web\+proto$/, ["unary"]],
];
for (const [format, speaks, kinds] of modes) {
  testClient({
    name: `grpc-web, ${format}`,
    speaks,
    kinds,
    connect: (_, url) => callerOf(new GrpcWebClientBase({ format }), url),
  });
}

function callerOf(client: GrpcWebClientBase, url: string): Caller {
  return async (call) => {
    const request = create(EchoRequestSchema, await onlyRequest(call));
    const metadata: Metadata = {};
    for (const [name, value] of call.metadata) {
      metadata[name] = typeof value === "string" ? value : encodeBinaryHeader(value);
    }
    if (call.timeoutMs !== undefined) metadata["deadline"] = String(Date.now() + call.timeoutMs);

    return new Promise((resolve, reject) => {
      const answer = { header: new Headers(), trailer: new Headers() };
      const refuse = ({ code, message, metadata }: RpcError) => {
        reject(grpcError(code, message, new Headers(metadata)));
      };
      const follow = (started: ClientReadableStream<EchoResponse>) => {
        call.signal.addEventListener("abort", () => {
          started.cancel();
          // grpc-web does not report this.
          reject(new ConnectError("cancelled", Code.Canceled));
        });
        started.on("metadata", (received) => {
          answer.header = new Headers(received);
        });
        started.on("status", ({ metadata }) => {
          answer.trailer = new Headers(metadata);
        });
        started.on("end", () => resolve(answer));
      };
      const target = `${url}/${EchoService.typeName}/${methods[call.kind]}`;
      if (call.kind === "unary") {
        const single = (error: RpcError | null, response: EchoResponse) => {
          if (error) refuse(error);
          else call.onMessage(response);
        };
        follow(client.rpcCall(target, request, metadata, descriptor(target, MethodType.UNARY), single));
      } else {
        const method = descriptor(target, MethodType.SERVER_STREAMING);
        const started = client.serverStreaming(target, request, metadata, method);
        follow(started.on("data", (response) => call.onMessage(response)).on("error", refuse));
      }
    });
  };
}

/** Like the output of its code generator. Only interceptors use the types of the messages. */
function descriptor(target: string, type: string): MethodDescriptor<EchoRequest, EchoResponse> {
  class Unused {}
  return new MethodDescriptor<EchoRequest, EchoResponse>(
    new URL(target).pathname,
    type,
    Unused as new () => EchoRequest,
    Unused as new () => EchoResponse,
    (request: EchoRequest) => toBinary(EchoRequestSchema, request),
    (bytes: Uint8Array) => fromBinary(EchoResponseSchema, bytes),
  );
}
