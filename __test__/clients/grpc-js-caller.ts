// Calls through a client of grpc-js.
import { create } from "@bufbuild/protobuf";
import {
  type CallOptions,
  type Client,
  type ClientReadableStream,
  type ClientUnaryCall,
  type ClientWritableStream,
  Metadata,
  type ServiceError,
} from "@grpc/grpc-js";
import { type EchoRequest, EchoRequestSchema, type EchoResponse } from "../../proto/gen/connectum/test/v1/echo_pb.ts";
import { type Caller, type EchoCall, onlyRequest } from "./echo-call.ts";
import { grpcError } from "./grpc-error.ts";
import { echoService, headersOf } from "./grpc-js-service.ts";

/** Makes calls through `client`. */
export function grpcJsCaller(client: Client): Caller {
  return async (call) => {
    const metadata = new Metadata();
    for (const [name, value] of call.metadata) {
      metadata.set(name, typeof value === "string" ? value : Buffer.from(value));
    }
    const options: CallOptions = call.timeoutMs === undefined ? {} : { deadline: Date.now() + call.timeoutMs };
    const only = call.kind === "unary" || call.kind === "server stream" ? await onlyRequest(call) : {};
    const request = create(EchoRequestSchema, only);

    return new Promise((resolve, reject) => {
      let header = new Headers();
      const refuse = (error: Error) => {
        const { code, details, metadata } = error as ServiceError;
        reject(grpcError(code, details, headersOf(metadata)));
      };
      const single = (error: ServiceError | null, response?: EchoResponse) => {
        if (error) refuse(error);
        else if (response !== undefined) call.onMessage(response);
      };
      const follow = (started: ClientUnaryCall) => {
        if (call.signal.aborted) started.cancel();
        call.signal.addEventListener("abort", () => started.cancel());
        started.on("metadata", (received: Metadata) => {
          header = headersOf(received);
        });
        // The status comes last, after all messages.
        started.on("status", ({ metadata }) => resolve({ header, trailer: headersOf(metadata) }));
      };
      const read = (started: ClientReadableStream<EchoResponse>) => {
        started.on("data", (response: EchoResponse) => call.onMessage(response)).on("error", refuse);
        follow(started);
      };
      const { echo, echoServerStream, echoClientStream, echoBidiStream } = echoService;
      switch (call.kind) {
        case "unary":
          return follow(client.makeUnaryRequest(...codecOf(echo), request, metadata, options, single));
        case "server stream":
          return read(client.makeServerStreamRequest(...codecOf(echoServerStream), request, metadata, options));
        case "client stream": {
          const started = client.makeClientStreamRequest(...codecOf(echoClientStream), metadata, options, single);
          follow(started);
          return void send(call, started).catch(reject);
        }
        case "bidi stream": {
          const started = client.makeBidiStreamRequest(...codecOf(echoBidiStream), metadata, options);
          read(started);
          return void send(call, started).catch(reject);
        }
      }
    });
  };
}

function codecOf({ path, requestSerialize, responseDeserialize }: (typeof echoService)["echo"]) {
  return [path, requestSerialize, responseDeserialize] as const;
}

async function send(call: EchoCall, started: ClientWritableStream<EchoRequest>): Promise<void> {
  for await (const request of call.requests) started.write(create(EchoRequestSchema, request));
  started.end();
}
