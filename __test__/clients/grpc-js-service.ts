// The echo service as a service definition of grpc-js, which nice-grpc accepts, too.
import { fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import type { GenMessage } from "@bufbuild/protobuf/codegenv2";
import type { Metadata, MethodDefinition } from "@grpc/grpc-js";
import {
  type EchoRequest,
  EchoRequestSchema,
  type EchoResponse,
  EchoResponseSchema,
  EchoService,
} from "../../proto/gen/connectum/test/v1/echo_pb.ts";
import { type Kind, methods } from "./echo-call.ts";

export const echoService = {
  echo: define("unary"),
  echoServerStream: define("server stream"),
  echoClientStream: define("client stream"),
  echoBidiStream: define("bidi stream"),
};

/** grpc-js's metadata as headers, with bytes as base64. */
export function headersOf(metadata: Metadata): Headers {
  const headers = new Headers();
  for (const name of Object.keys(metadata.getMap())) {
    for (const value of metadata.get(name)) {
      headers.append(name, typeof value === "string" ? value : value.toString("base64"));
    }
  }
  return headers;
}

function define(kind: Kind): MethodDefinition<EchoRequest, EchoResponse> {
  return {
    path: `/${EchoService.typeName}/${methods[kind]}`,
    requestStream: kind === "client stream" || kind === "bidi stream",
    responseStream: kind === "server stream" || kind === "bidi stream",
    ...codec("request", EchoRequestSchema),
    ...codec("response", EchoResponseSchema),
  } as MethodDefinition<EchoRequest, EchoResponse>;
}

function codec<M extends Message>(side: "request" | "response", schema: GenMessage<M>) {
  return {
    [`${side}Serialize`]: (message: M) => Buffer.from(toBinary(schema, message)),
    [`${side}Deserialize`]: (bytes: Buffer) => fromBinary(schema, bytes),
  };
}
