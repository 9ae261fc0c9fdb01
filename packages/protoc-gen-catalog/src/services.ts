// The services of a build, in the order of their files, and what each is called in the generated file.
import type { Schema } from "@bufbuild/protoplugin";
import type { CatalogOptions } from "./options.ts";

/** The descriptor as protoplugin has it, which may have a protobuf-es of its own. */
export type DescService = Schema["files"][number]["services"][number];

/** A service of the catalog. */
export interface CatalogService {
  readonly service: DescService;
  /** Under which it is exported: its own name, or its whole one with underscores if another has that too. */
  readonly exportName: string;
}

/** The services of the files to generate, without those that are excluded. */
export function servicesOf(schema: Schema<CatalogOptions>): CatalogService[] {
  const { exclude } = schema.options;
  const services = schema.files
    .flatMap((file) => file.services)
    .filter(({ typeName }) => !isExcluded(typeName, exclude));
  const timesOf = new Map<string, number>();
  for (const { name } of services) timesOf.set(name, (timesOf.get(name) ?? 0) + 1);
  return services.map((service) => {
    const isAlone = timesOf.get(service.name) === 1 && !TAKEN.includes(service.name);
    return { service, exportName: isAlone ? service.name : service.typeName.replaceAll(".", "_") };
  });
}

/** Names of the generated file itself. */
const TAKEN = ["serviceCatalog"];

function isExcluded(typeName: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) =>
    pattern.endsWith("*") ? typeName.startsWith(pattern.slice(0, -1)) : typeName === pattern,
  );
}
