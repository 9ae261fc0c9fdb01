// The types of calls by name: `ctx.call`, `ctx.stream` and `createCatalogClient()` of @connectum/core.
import type { GeneratedFile, Printable } from "@bufbuild/protoplugin";
import type { CatalogService, DescService } from "./services.ts";

type DescMethod = DescService["methods"][number];

const KINDS = {
  server_streaming: "server-stream",
  client_streaming: "client-stream",
  bidi_streaming: "bidi",
} as const satisfies Record<Exclude<DescMethod["methodKind"], "unary">, string>;

/** Prints an entry for each method into `ConnectumCallMap` or, if it streams, into `ConnectumStreamMap`. */
export function printAugmentation(file: GeneratedFile, services: readonly CatalogService[]): void {
  const methods = services.flatMap(({ service }) => service.methods);
  file.print();
  file.print(`declare module "@connectum/core" {`);
  file.print("  interface ConnectumCallMap {");
  for (const method of methods) if (method.methodKind === "unary") printMethod(file, method, "");
  file.print("  }");
  file.print("  interface ConnectumStreamMap {");
  for (const method of methods) {
    if (method.methodKind !== "unary") printMethod(file, method, `; kind: "${KINDS[method.methodKind]}"`);
  }
  file.print("  }");
  file.print("}");
}

/** A request may be what `create()` takes, as it may be for connect's clients. */
function printMethod(file: GeneratedFile, method: DescMethod, kind: string): void {
  const init = file.import("MessageInitShape", "@bufbuild/protobuf", true);
  const request: Printable = [init, "<typeof ", file.importSchema(method.input, true), ">"];
  const key = file.string(`${method.parent.typeName}/${method.name}`);
  file.print("    ", key, ": { request: ", request, "; response: ", file.importShape(method.output), kind, " };");
}
