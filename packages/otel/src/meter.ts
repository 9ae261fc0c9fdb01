// The export of `@connectum/otel/meter`.
export { getMeter } from "./provider/current-provider.ts";
