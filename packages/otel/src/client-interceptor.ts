// The export of `@connectum/otel/client-interceptor`.
export { createOtelClientInterceptor } from "./calls/client-interceptor.ts";
