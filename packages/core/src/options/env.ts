// The environment variables that say where a server listens. They are read when it starts, never at import.
import process from "node:process";

/** An environment variable has an invalid value. */
export class EnvVarError extends Error {
  override readonly name = "EnvVarError";

  constructor(variable: string, complaint: string) {
    super(`env-var: "${variable}" ${complaint}`);
  }
}

/**
 * The port in `PORT`: a decimal integer from 0 to 65535.
 *
 * @returns undefined when the variable is not set
 * @throws EnvVarError when it is set to anything else, an empty string included
 */
export function portFromEnv(env: NodeJS.ProcessEnv = process.env): number | undefined {
  const text = env["PORT"];
  return text === undefined ? undefined : parsePort(text);
}

/**
 * Parses a port, for `PORT` here and in the environment schema.
 *
 * @throws EnvVarError unless the text is a decimal integer from 0 to 65535
 */
export function parsePort(text: string): number {
  if (!/^-?\d+$/.test(text)) throw new EnvVarError("PORT", "should be a valid integer");
  const port = Number(text);
  if (port < 0) throw new EnvVarError("PORT", "should be a positive integer");
  if (port > 65_535) throw new EnvVarError("PORT", "cannot assign a port number greater than 65535");
  return port;
}

/** The name or address in `LISTEN`; undefined when the variable is not set or empty. */
export function hostFromEnv(env: NodeJS.ProcessEnv = process.env): string | undefined {
  return env["LISTEN"] || undefined;
}
