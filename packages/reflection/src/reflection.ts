// Reflection as a protocol for createServer().
import type { DescService } from "@bufbuild/protobuf";
import type { SchemaIndex } from "@connectum/core/schema";
import type { ProtocolContext, ProtocolRegistration } from "@connectum/core/types";
import { assertBoolean, assertKnownKeys, type Keys, markFactory, withBuiltInProtocol } from "@connectum/hooks";
import { ServerReflection } from "../gen/grpc/reflection/v1/reflection_pb.js";
import { ServerReflection as ServerReflectionAlpha } from "../gen/grpc/reflection/v1alpha/reflection_pb.js";
import { reflectionHandler } from "./reflection-handler.ts";

/** Options of `Reflection()`. */
export interface ReflectionOptions {
  /**
   * Whether the server's interceptors run for the reflection RPCs, so that they guard the schemas. These are then
   * served in JavaScript. Default true.
   */
  interceptors?: boolean | undefined;
}

const KEYS = { interceptors: true } as const satisfies Keys<ReflectionOptions>;

/**
 * gRPC Server Reflection as a protocol: `createServer({ services, protocols: [Reflection()] })`. Clients such as
 * grpcurl then need no `.proto` files.
 *
 * It serves `grpc.reflection.v1` and `v1alpha`, which list every mounted service, whatever its position among the
 * protocols, and describe all files that these need. A server of `@connectum/core` without interceptors responds in
 * Rust; with interceptors, and on other servers, JavaScript responds.
 *
 * @throws TypeError for an invalid option
 */
export function Reflection(options: ReflectionOptions = {}): ProtocolRegistration {
  assertKnownKeys(options, KEYS, { where: "Reflection" });
  const { interceptors = true } = options;
  assertBoolean("Reflection", "interceptors", interceptors);
  const registration: ProtocolRegistration = {
    name: "reflection",
    register(router, context) {
      let index: Promise<SchemaIndex> | undefined;
      // Built at the first call, when all protocols have registered their services.
      const open = () => {
        index ??= indexOf(context);
        return index;
      };
      const { serverReflectionInfo: info } = ServerReflection.method;
      router.service(ServerReflection, { serverReflectionInfo: reflectionHandler(info.input, info.output, open) });
      const { serverReflectionInfo: alpha } = ServerReflectionAlpha.method;
      router.service(ServerReflectionAlpha, {
        serverReflectionInfo: reflectionHandler(alpha.input, alpha.output, open),
      });
    },
  };
  return withBuiltInProtocol(registration, { kind: "reflection", state: { interceptors } });
}

markFactory(Reflection, "Reflection()");

/** Imports the addon only if JavaScript has to respond. */
async function indexOf(context: ProtocolContext): Promise<SchemaIndex> {
  const { SchemaIndex, schemaContents } = await import("@connectum/core/schema");
  const { files, services } = schemaContents(servicesOf(context));
  return new SchemaIndex(files, services);
}

/** The mounted services. On servers that do not list them: all services of all files, and those of reflection. */
function servicesOf({ registry, server }: ProtocolContext): readonly DescService[] {
  return server?.services ?? [...registry.flatMap(({ services }) => services), ServerReflection, ServerReflectionAlpha];
}
