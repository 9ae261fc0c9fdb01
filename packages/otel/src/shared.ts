// The exports of `@connectum/otel/shared`, for interceptors of others.
export { estimateMessageSize } from "./calls/message-size.ts";
export { wrapAsyncIterable } from "./calls/wrap-async-iterable.ts";
export { applyAttributeFilter, type BaseAttributeParams, buildBaseAttributes } from "./conventions/base-attributes.ts";
export { buildErrorAttributes } from "./conventions/error-attributes.ts";
export { detectConnectumTransport } from "./conventions/transport.ts";
