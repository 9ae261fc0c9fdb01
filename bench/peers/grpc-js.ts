// @grpc/grpc-js, with protobuf-es as its codec: the same one as the others, so that what differs is the server.
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type handleUnaryCall, Server, ServerCredentials } from "@grpc/grpc-js";
import {
  type EchoRequest,
  EchoRequestSchema,
  type EchoResponse,
  EchoResponseSchema,
} from "../../proto/gen/connectum/test/v1/echo_pb.ts";

const echo: handleUnaryCall<EchoRequest, EchoResponse> = ({ request }, answer) => {
  answer(null, create(EchoResponseSchema, { text: request.text }));
};
const method = {
  path: "/connectum.test.v1.EchoService/Echo",
  requestStream: false,
  responseStream: false,
  requestSerialize: (message: EchoRequest) => Buffer.from(toBinary(EchoRequestSchema, message)),
  requestDeserialize: (bytes: Buffer) => fromBinary(EchoRequestSchema, bytes),
  responseSerialize: (message: EchoResponse) => Buffer.from(toBinary(EchoResponseSchema, message)),
  responseDeserialize: (bytes: Buffer) => fromBinary(EchoResponseSchema, bytes),
};

const server = new Server();
server.addService({ echo: method }, { echo });
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  console.log(`http://127.0.0.1:${port}`);
});

process.once("SIGTERM", () => process.exit(0));
