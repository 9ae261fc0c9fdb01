// The schema of the framework's environment variables.
import process from "node:process";
import type { z as Zod } from "zod";
import { EnvVarError, parsePort } from "./env.ts";
import { lazySchema } from "./lazy-schema.ts";

/** `LOG_LEVEL`; default `info`. */
export const LogLevelSchema = lazySchema((z) => z.enum(["debug", "info", "warn", "error"]).default("info"));

/** `LOG_FORMAT`; default `json`. */
export const LogFormatSchema = lazySchema((z) => z.enum(["json", "pretty"]).default("json"));

/** `LOG_BACKEND`; default `otel`. */
export const LoggerBackendSchema = lazySchema((z) => z.enum(["otel", "pino", "console"]).default("otel"));

/** `NODE_ENV`; default `development`. Other names are rejected. */
export const NodeEnvSchema = lazySchema((z) => z.enum(["development", "production", "test"]).default("development"));

/** A boolean as text, in lower case; default false. */
export const BooleanFromStringSchema = lazySchema((z) =>
  z
    .enum(["true", "false", "1", "0", "yes", "no"])
    .default("false")
    .transform((text) => text === "true" || text === "1" || text === "yes"),
);

/** Text is parsed as `start()` parses it; numbers are accepted as they are. */
const PortSchema = lazySchema((z) =>
  z
    .union([z.string(), z.number()])
    .transform((value, context) => {
      if (typeof value === "number") return value;
      try {
        return parsePort(value);
      } catch (error) {
        if (!(error instanceof EnvVarError)) throw error;
        context.issues.push({ code: "custom", message: error.message, input: value });
        return z.NEVER;
      }
    })
    .pipe(z.int().min(1).max(65_535)),
);

/** The framework's environment variables with their defaults. Other variables are dropped. */
export const ConnectumEnvSchema = lazySchema((z) =>
  z.object({
    /** A port from 1 to 65535; default 5000. */
    PORT: PortSchema.default(5000),
    /** The address to listen on, `unix:<path>`, or `systemd`; default `0.0.0.0`. */
    LISTEN: z.string().default("0.0.0.0"),
    LOG_LEVEL: LogLevelSchema,
    LOG_FORMAT: LogFormatSchema,
    LOG_BACKEND: LoggerBackendSchema,
    NODE_ENV: NodeEnvSchema,
    /** Whether health has plain HTTP endpoints; default false. */
    HTTP_HEALTH_ENABLED: BooleanFromStringSchema,
    /** The path of the health endpoint; default `/healthz`. */
    HTTP_HEALTH_PATH: z.string().default("/healthz"),
    /** The service's name in traces and metrics; no default. */
    OTEL_SERVICE_NAME: z.string().optional(),
    /** The URL of a collector; no default. */
    OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
    /** Whether signals of the process stop the server; default true. */
    GRACEFUL_SHUTDOWN_ENABLED: BooleanFromStringSchema.default(true),
    /** How long calls in flight may take to end, in milliseconds, at most five minutes; default 30,000. */
    GRACEFUL_SHUTDOWN_TIMEOUT_MS: z.coerce.number().min(0).max(300_000).default(30_000),
  }),
);

/** The variables that {@link ConnectumEnvSchema} parses. */
export type ConnectumEnv = Zod.infer<typeof ConnectumEnvSchema>;

/**
 * Parses the variables at each call. `createServer()` does not use the result: pass it what it needs.
 *
 * @throws ZodError that names every invalid variable
 */
export function parseEnvConfig(env: Record<string, string | undefined> = process.env): ConnectumEnv {
  return ConnectumEnvSchema.parse(env);
}

/** The same, without throwing: `{ success: true, data }` or `{ success: false, error }`. */
export function safeParseEnvConfig(
  env: Record<string, string | undefined> = process.env,
): ReturnType<typeof ConnectumEnvSchema.safeParse> {
  return ConnectumEnvSchema.safeParse(env);
}
