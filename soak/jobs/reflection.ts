// Reflection: services, files, and what there is not.
import { ask, LIST } from "../../__test__/support/reflection-client.ts";
import { EchoService } from "../../proto/gen/connectum/test/v1/echo_pb.ts";
import { same } from "../expect.ts";
import type { Job } from "./job.ts";

const services = [
  EchoService.typeName,
  "grpc.health.v1.Health",
  "grpc.reflection.v1.ServerReflection",
  "grpc.reflection.v1alpha.ServerReflection",
];

export const reflection: Job = {
  name: "reflection",
  weight: 3,
  suits: ({ transport }) => transport !== undefined,
  async run({ transport }) {
    if (transport === undefined) return;
    const [listed, file, unknown] = await ask(transport, [
      LIST,
      { case: "fileContainingSymbol", value: EchoService.typeName },
      { case: "fileByFilename", value: "nowhere.proto" },
    ]);
    same(Array.isArray(listed) ? listed.sort() : listed, services, "the services");
    same(file, [EchoService.file.proto.name], "the file of a service");
    same(String(unknown).slice(0, 2), "5 ", "the code of a file that is not there");
  },
};
