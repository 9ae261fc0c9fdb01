// The export of `@connectum/otel/traceAll`.
export { traceAll } from "./spans/trace-all.ts";
