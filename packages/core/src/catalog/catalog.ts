// Catalogs: the services that can be called by name.
import type { DescService } from "@bufbuild/protobuf";
import { assertObject, isPlainObject, shown } from "@connectum/hooks";
import { isServiceDescriptor } from "./service-descriptor.ts";

/** Services by their full names. */
export type ServiceCatalog = Readonly<Record<string, DescService>>;

/** A catalog, or what a server says of one, is wrong. */
export class CatalogConfigError extends Error {
  override readonly name = "CatalogConfigError";
}

/**
 * A frozen catalog of services, each under its full name.
 *
 * ```ts
 * const catalog = defineCatalog({ [OrdersService.typeName]: OrdersService });
 * ```
 *
 * @throws CatalogConfigError for a key that is not the name of its service; TypeError for anything but an object
 */
export function defineCatalog<const T extends Record<string, DescService>>(record: T): Readonly<T> {
  assertKeys("defineCatalog", record);
  return Object.freeze({ ...record });
}

/** The names that a catalog has for certain: those of a generated one, none of a `ServiceCatalog`. */
type Names<Catalog> = string extends keyof Catalog ? never : keyof Catalog;

/** The catalogs, but in place of one that has a service of those before it, an object that says which. */
type Distinct<Catalogs extends readonly unknown[], Before = never> = Catalogs extends readonly [
  infer First,
  ...infer Rest,
]
  ? readonly [
      [Names<First> & Before] extends [never] ? First : { readonly "in two catalogs": Names<First> & Before },
      ...Distinct<Rest, Before | Names<First>>,
    ]
  : Catalogs;

/**
 * One frozen catalog of several. The compiler finds services that two generated catalogs have.
 *
 * @throws CatalogConfigError for a key that is not the name of its service, and for a service that two of them have;
 * TypeError for anything but an object
 */
export function mergeCatalogs<const Catalogs extends readonly ServiceCatalog[]>(
  ...catalogs: Catalogs & Distinct<Catalogs>
): ServiceCatalog;
export function mergeCatalogs(...catalogs: readonly ServiceCatalog[]): ServiceCatalog {
  const merged: Record<string, DescService> = {};
  for (const catalog of catalogs) {
    assertKeys("mergeCatalogs", catalog);
    for (const [typeName, service] of Object.entries(catalog)) {
      if (Object.hasOwn(merged, typeName)) {
        throw new CatalogConfigError(`mergeCatalogs: duplicate typeName: "${typeName}"`);
      }
      merged[typeName] = service;
    }
  }
  return Object.freeze(merged);
}

/** @throws TypeError for a value that is not the descriptor of a service */
export function assertCatalog(where: string, catalog: unknown): void {
  assertObject(where, "catalog", catalog);
  for (const [key, service] of Object.entries(catalog ?? {})) {
    if (isServiceDescriptor(service)) continue;
    throw new TypeError(`${where}: catalog["${key}"] must be the descriptor of a service, not ${shown(service)}`);
  }
}

/** @throws CatalogConfigError if `enabledServices` has names that the catalog does not have */
export function assertInCatalog(catalog: ServiceCatalog, enabledServices: readonly string[]): void {
  const absent = enabledServices.filter((name) => !Object.hasOwn(catalog, name));
  if (absent.length === 0) return;
  const known = Object.keys(catalog).join(", ") || "(none)";
  throw new CatalogConfigError(
    `enabledServices lists ${absent.length} typeName(s) absent from the catalog: ${absent.join(", ")}. ` +
      `Known catalog services: ${known}.`,
  );
}

function assertKeys(where: string, catalog: ServiceCatalog): void {
  if (!isPlainObject(catalog)) {
    throw new TypeError(`${where}: a catalog must be an object of services by their names, not ${shown(catalog)}`);
  }
  for (const [key, service] of Object.entries<DescService | undefined>(catalog)) {
    const typeName = service?.typeName;
    if (key === typeName) continue;
    if (typeName === undefined) {
      const right = "must be the descriptor of a service, which generated code exports";
      throw new CatalogConfigError(`${where}: the value of "${key}" ${right}, not ${shown(service)}.`);
    }
    throw new CatalogConfigError(`${where}: key "${key}" must match descriptor.typeName "${typeName}".`);
  }
}
