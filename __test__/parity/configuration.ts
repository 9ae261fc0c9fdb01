// The ways in which both servers are set up. The options have the same names on both sides.

export const configurations = {
  /** No options. */
  default: {},
  /** Small limits, so that they can be tested with small messages. */
  strict: {
    readMaxBytes: 1_000,
    writeMaxBytes: 2_000,
    compressMinBytes: 0,
    maxTimeoutMs: 10_000,
    requireConnectProtocolHeader: true,
    jsonOptions: { ignoreUnknownFields: false },
  },
  /** A service with handlers for only some of its methods. */
  partial: {},
} as const;

export type Configuration = keyof typeof configurations;

/** The configuration that a server program is told to use, by its arguments. */
export function configurationOf(args: readonly string[]): Configuration {
  const name = args[2] ?? "";
  if (Object.hasOwn(configurations, name)) return name as Configuration;
  throw new Error(`no configuration is called "${name}"; there are ${Object.keys(configurations).join(", ")}`);
}
