// The protocol that applications hand to createServer().
import type { DescService } from "@bufbuild/protobuf";
import type { SchemaIndex } from "@connectum/core/schema";
import type { ProtocolContext, ProtocolRegistration } from "@connectum/core/types";
import { withBuiltInProtocol } from "@connectum/hooks";
import { ServerReflection } from "../gen/grpc/reflection/v1/reflection_pb.js";
import { ServerReflection as ServerReflectionAlpha } from "../gen/grpc/reflection/v1alpha/reflection_pb.js";
import { answerEach } from "./answer-each.ts";

/**
 * gRPC Server Reflection as a protocol: `createServer({ services, protocols: [Reflection()] })`. Clients like grpcurl need
 * no `.proto` files then.
 *
 * `grpc.reflection.v1` and `v1alpha` are served. They tell of every mounted service, wherever it stands among the protocols,
 * and of all files that those need. A server of `@connectum/core` without interceptors answers in Rust; with them, and on
 * other servers, the answers go through JavaScript.
 */
export function Reflection(): ProtocolRegistration {
  const registration: ProtocolRegistration = {
    name: "reflection",
    register(router, context) {
      let index: Promise<SchemaIndex> | undefined;
      // Not before the first call: only then all protocols have registered what is to be told.
      const open = () => {
        index ??= indexOf(context);
        return index;
      };
      const { serverReflectionInfo: info } = ServerReflection.method;
      router.service(ServerReflection, { serverReflectionInfo: answerEach(info.input, info.output, open) });
      const { serverReflectionInfo: alpha } = ServerReflectionAlpha.method;
      router.service(ServerReflectionAlpha, { serverReflectionInfo: answerEach(alpha.input, alpha.output, open) });
    },
  };
  return withBuiltInProtocol(registration, { kind: "reflection", state: {} });
}

/** The addon is only loaded by those who answer here. */
async function indexOf(context: ProtocolContext): Promise<SchemaIndex> {
  const { SchemaIndex, schemaContents } = await import("@connectum/core/schema");
  const { files, services } = schemaContents(servicesOf(context));
  return new SchemaIndex(files, services);
}

/** Of a server that does not tell what is mounted: all services of all files, and those registered here. */
function servicesOf({ registry, server }: ProtocolContext): readonly DescService[] {
  return server?.services ?? [...registry.flatMap(({ services }) => services), ServerReflection, ServerReflectionAlpha];
}
