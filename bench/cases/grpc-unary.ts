// gRPC unary: one small message there, one back. 4 connections, 16 calls at a time on each.
import assert from "node:assert/strict";
import { create, toBinary } from "@bufbuild/protobuf";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { EchoRequestSchema, EchoService } from "../../proto/gen/connectum/test/v1/echo_pb.ts";
import type { Case } from "../case.ts";

/** 52 bytes as protobuf. */
const request = { text: "x".repeat(50) };

const grpcUnary: Case = {
  title: "gRPC unary, 52-byte message",
  peers: ["connectum", "connect-node", "grpc-js"],
  floors: { "connect-node": 8, "grpc-js": 2 },
  path: "/connectum.test.v1.EchoService/Echo",
  load: ["-c", "4", "-m", "16", "-t", "1", "-H", "content-type: application/grpc", "-H", "te: trailers"],
  body: envelope(toBinary(EchoRequestSchema, create(EchoRequestSchema, request))),
  async check(baseUrl) {
    const client = createClient(EchoService, createGrpcTransport({ baseUrl }));
    const { text } = await client.echo(request);
    assert.equal(text, request.text);
  },
};

export default grpcUnary;

/** gRPC's framing: not compressed, the length in four bytes, the message. */
function envelope(message: Uint8Array): Uint8Array {
  const framed = new Uint8Array(5 + message.length);
  new DataView(framed.buffer).setUint32(1, message.length);
  framed.set(message, 5);
  return framed;
}
