// The exports of `@connectum/otel/logger`.
export { getLogger, type Logger, type LoggerOptions } from "./logs/logger.ts";
