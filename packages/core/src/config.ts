// The exports of `@connectum/core/config`: the framework's environment variables, as a schema.
export {
  BooleanFromStringSchema,
  type ConnectumEnv,
  ConnectumEnvSchema,
  LogFormatSchema,
  LoggerBackendSchema,
  LogLevelSchema,
  NodeEnvSchema,
  parseEnvConfig,
  safeParseEnvConfig,
} from "./options/env-schema.ts";
