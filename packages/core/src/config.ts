// All that `@connectum/core/config` offers: the framework's environment variables, as a schema.
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
