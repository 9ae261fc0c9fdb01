// The export of `@connectum/otel/tracer`.
export { getTracer } from "./provider/current-provider.ts";
