// How `connectum` ends: 0 for success, and a code for each reason of a failure, so that scripts can tell them apart.

export const EXIT = {
  /** A wrong command or option, and everything that has no code of its own. */
  usage: 1,
  /** Nobody answers at the address, or not within the time. */
  unreachable: 3,
  /** The server speaks HTTP/1.1 alone, over which reflection cannot be asked. */
  http1Only: 4,
  /** The server has no reflection. */
  noReflection: 5,
  /** The certificate of the server is not trusted. */
  certificate: 6,
  /** `buf` has failed. */
  buf: 7,
} as const;

/** A failure that is told in one line, with what to do about it. */
export class CliError extends Error {
  override readonly name = "CliError";
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT.usage, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
