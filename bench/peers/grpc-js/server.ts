// @grpc/grpc-js with @grpc/proto-loader, as https://grpc.io/docs/languages/node/basics sets it up.
import { readFileSync } from "node:fs";
import {
  type GrpcObject,
  type handleBidiStreamingCall,
  type handleClientStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  loadPackageDefinition,
  Metadata,
  Server,
  ServerCredentials,
  type ServiceClientConstructor,
  status,
} from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { variant } from "../variant.ts";

/** Messages of proto-loader: plain objects with field names as in the .proto. */
type Plain = Record<string, unknown>;

const definition = loadSync("proto/connectum/bench/v1/bench.proto", {
  keepCase: true,
  longs: String,
  enums: String,
  defaults: true,
  oneofs: true,
});
const bench = ["connectum", "bench", "v1"].reduce(
  (object, name) => object[name] as GrpcObject,
  loadPackageDefinition(definition),
);
const { service } = bench["BenchService"] as ServiceClientConstructor;

const unary: handleUnaryCall<Plain, Plain> = ({ request }, answer) => answer(null, { text: request["text"] });
const context: handleUnaryCall<Plain, Plain> = (call, answer) => {
  if (call.cancelled) return;
  const header = new Metadata();
  header.set("x-bench-answer", call.metadata.get("x-bench-token")[0] ?? "");
  call.sendMetadata(header);
  answer(null, { text: call.request["text"] });
};
const bytes: handleUnaryCall<Plain, Plain> = ({ request }, answer) => answer(null, { data: request["data"] });
const strings: handleUnaryCall<Plain, Plain> = ({ request }, answer) => answer(null, { texts: request["texts"] });
const mixed: handleUnaryCall<Plain, Plain> = ({ request }, answer) => {
  const { id, name, age, created_at, score, active, labels, address, roles, avatar } = request;
  answer(null, { id, name, age, created_at, score, active, labels, address, roles, avatar });
};
/** As in the documentation: writes are not awaited. */
const serverStream: handleServerStreamingCall<Plain, Plain> = (call) => {
  for (let index = 0; index < 1_000; index++) call.write({ text: call.request["text"] });
  call.end();
};
const clientStream: handleClientStreamingCall<Plain, Plain> = (call, answer) => {
  let last: Plain | undefined;
  call.on("data", (message: Plain) => {
    last = message;
  });
  call.on("end", () => {
    if (last === undefined) answer({ code: status.INVALID_ARGUMENT, details: "the stream has no message" });
    else answer(null, { text: last["text"] });
  });
};
const bidiStream: handleBidiStreamingCall<Plain, Plain> = (call) => {
  call.on("data", ({ text }: Plain) => call.write({ text }));
  call.on("end", () => call.end());
};

const server = new Server();
server.addService(service, { unary, context, bytes, strings, mixed, serverStream, clientStream, bidiStream });
server.bindAsync("127.0.0.1:0", credentials(), (error, port) => {
  if (error !== null) throw error;
  console.log(`${variant === "tls" ? "https" : "http"}://127.0.0.1:${port}`);
});

function credentials(): ServerCredentials {
  if (variant !== "tls") return ServerCredentials.createInsecure();
  const certificate = readFileSync("__test__/certificates/server.crt");
  const key = readFileSync("__test__/certificates/server.key");
  return ServerCredentials.createSsl(null, [{ cert_chain: certificate, private_key: key }]);
}
