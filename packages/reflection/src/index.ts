// The exports of `@connectum/reflection`.
export { collectFileProtos } from "./collect-file-protos.ts";
export { Reflection, type ReflectionOptions } from "./reflection.ts";
