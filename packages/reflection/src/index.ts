// All that `@connectum/reflection` offers.
export { collectFileProtos } from "./collect-file-protos.ts";
export { Reflection } from "./reflection.ts";
