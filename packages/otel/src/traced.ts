// The export of `@connectum/otel/traced`.
export { traced } from "./spans/traced.ts";
