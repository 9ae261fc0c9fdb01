// The export of `@connectum/otel/interceptor`.
export { createOtelInterceptor } from "./calls/server-interceptor.ts";
