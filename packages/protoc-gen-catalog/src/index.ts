// @connectum/protoc-gen-catalog: one TypeScript file with the services of a build, and the types of calls to them.
export { protocGenCatalog } from "./plugin.ts";
