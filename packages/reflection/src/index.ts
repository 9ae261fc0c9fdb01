// The exports of `@connectum/reflection`.
export { collectFileProtos } from "./collect-file-protos.ts";
export { Reflection } from "./reflection.ts";
