// The exports of `@connectum/core/context`: contexts for handlers that no server calls.
export { checkCatalogOptions } from "./server/catalog-options.ts";
export { type ContextOfOptions, contextOf } from "./server/context-of.ts";
