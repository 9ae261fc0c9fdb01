// The exports of `@connectum/core/schema`: the protobuf files of services, and an index of them for reflection.
export { type RespondToReflection, type SchemaContents, SchemaIndex, schemaContents } from "./services/schema-index.ts";
