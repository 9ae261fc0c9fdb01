// The program that the runner starts for each of its suites. It gets messages with the descriptors of their types,
// sends each to a server with createDefaultInterceptors(), and reports the outcome of the call.
import { buffer } from "node:stream/consumers";
import { create, createFileRegistry, createRegistry, fromBinary, toBinary } from "@bufbuild/protobuf";
import { anyUnpack } from "@bufbuild/protobuf/wkt";
import {
  TestConformanceRequestSchema,
  TestConformanceResponseSchema,
} from "../../.build/protovalidate/buf/validate/conformance/harness/harness_pb.js";
import { Judged } from "./judged.ts";

// Standard output is for the results, without the line about the listening server.
console.info = () => {};

const { fdset, cases } = fromBinary(TestConformanceRequestSchema, await buffer(process.stdin));
if (fdset === undefined) throw new Error("the runner sent no descriptors");
const files = createFileRegistry(fdset);
const types = createRegistry(files);

const messages = Object.entries(cases).map(([name, any]) => {
  const message = anyUnpack(any, types);
  if (message === undefined) throw new Error(`the runner sent no descriptor of ${any.typeUrl}`);
  return { name, message };
});
const judged = await Judged.start(files, new Set(messages.map(({ message }) => message.$typeName)));
const response = create(TestConformanceResponseSchema);
for (const { name, message } of messages) response.results[name] = await judged.resultOf(message);
await judged.stop();
process.stdout.write(toBinary(TestConformanceResponseSchema, response));
