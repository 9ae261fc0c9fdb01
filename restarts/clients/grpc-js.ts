// A channel of grpc-js. It makes calls again by itself that no server has seen, and does not tell.
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { credentials, Client as GrpcJs, type ServiceError, status } from "@grpc/grpc-js";
import { EchoRequestSchema, EchoResponseSchema, EchoService } from "../../proto/gen/connectum/test/v1/echo_pb.ts";
import type { Client } from "./client.ts";

const path = (method: string) => `/${EchoService.typeName}/${method}`;
const serialize = (text: string) => Buffer.from(toBinary(EchoRequestSchema, create(EchoRequestSchema, { text })));
const deserialize = (bytes: Buffer) => fromBinary(EchoResponseSchema, bytes).text;

export function grpcJs(port: number): Client {
  const client = new GrpcJs(`127.0.0.1:${port}`, credentials.createInsecure(), { "grpc.use_local_subchannel_pool": 1 });
  return {
    name: "grpc-js",
    echo: (text) =>
      new Promise((resolve, reject) => {
        client.makeUnaryRequest(path("Echo"), serialize, deserialize, text, (error, response) =>
          error === null ? resolve(response ?? "") : reject(error),
        );
      }),
    watch: () =>
      new Promise((resolve) => {
        const stream = client.makeServerStreamRequest(path("EchoServerStream"), serialize, deserialize, "");
        stream.on("data", () => {}).on("end", () => resolve("ok"));
        stream.on("error", ({ code }: ServiceError) => resolve(status[code]?.toLowerCase() ?? `${code}`));
      }),
    retried: () => 0,
    close: () => client.close(),
  };
}
