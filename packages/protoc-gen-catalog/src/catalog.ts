// The services themselves: all of them as one object, and each by itself.
import type { GeneratedFile } from "@bufbuild/protoplugin";
import type { CatalogService } from "./services.ts";

/** Prints `serviceCatalog` and an export for each service. Whoever imports one of those has no other in the bundle. */
export function printCatalog(
  file: GeneratedFile,
  services: readonly CatalogService[],
  target: "ts" | "js" | "dts",
): void {
  file.print();
  for (const { service, exportName } of services) {
    file.print("export { ", file.importSchema(service), ` as ${exportName} };`);
  }
  if (services.length > 0) file.print();
  if (target === "dts") printDeclaration(file, services);
  else printObject(file, services, target === "ts" ? "} as const);" : "});");
}

function printObject(file: GeneratedFile, services: readonly CatalogService[], end: string): void {
  file.print("/** All services, by their type names. */");
  if (services.length === 0) {
    file.print("export const serviceCatalog = Object.freeze({});");
    return;
  }
  file.print("export const serviceCatalog = /*@__PURE__*/ Object.freeze({");
  for (const { service } of services) {
    file.print("  ", file.string(service.typeName), ": ", file.importSchema(service), ",");
  }
  file.print(end);
}

function printDeclaration(file: GeneratedFile, services: readonly CatalogService[]): void {
  file.print("/** All services, by their type names. */");
  file.print("export declare const serviceCatalog: Readonly<{");
  for (const { service } of services) {
    file.print("  ", file.string(service.typeName), ": typeof ", file.importSchema(service), ";");
  }
  file.print("}>;");
}
