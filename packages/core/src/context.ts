// The exports of `@connectum/core/context`: contexts for handlers that no server calls.
export { type ContextOfOptions, contextOf } from "./server/context-of.ts";
