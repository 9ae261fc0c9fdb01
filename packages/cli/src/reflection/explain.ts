// Why a server could not be asked, and what to do about it.
import { request } from "node:http";
import { Code, ConnectError } from "@connectrpc/connect";
import { CliError, EXIT } from "../failures/cli-error.ts";
import type { Connection } from "./connect-options.ts";

/** Codes of Node for a certificate that is not trusted. */
const NOT_TRUSTED =
  /SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|CERT_|ERR_TLS_CERT_ALTNAME_INVALID|DEPTH_ZERO|HOSTNAME_MISMATCH/;

/** The error for one of connect's, or of the socket below it. */
export async function explain(thrown: unknown, connection: Connection, timeoutMs: number): Promise<CliError> {
  const { url } = connection;
  const error = ConnectError.from(thrown);
  const reason = innermost(error);
  const options = { cause: thrown };
  if (NOT_TRUSTED.test(reason.code)) {
    const text = `the certificate of ${url} is not trusted (${reason.code}): give its authority with --ca, or use --insecure`;
    return new CliError(text, EXIT.certificate, options);
  }
  if (error.code === Code.DeadlineExceeded) {
    return new CliError(`${url} did not answer within ${timeoutMs / 1_000} s`, EXIT.unreachable, options);
  }
  if (error.code === Code.Unimplemented) {
    const text = `${url} has no reflection: add Reflection() to the option protocols of the server`;
    return new CliError(text, EXIT.noReflection, options);
  }
  if (error.code === Code.Unauthenticated || error.code === Code.PermissionDenied) {
    const text = `${url} refuses reflection: ${error.message}. Give what it asks for with --header`;
    return new CliError(text, EXIT.noReflection, options);
  }
  if (url.startsWith("http:") && (await answersHttp1(url))) {
    const text = `${url} answers HTTP/1.1, and no HTTP/2 without TLS, which reflection needs`;
    return new CliError(text, EXIT.http1Only, options);
  }
  return new CliError(`${url} cannot be reached: ${reason.message}`, EXIT.unreachable, options);
}

/** The error of the socket, if there is one behind the others. */
function innermost(error: Error): { code: string; message: string } {
  let last: Error = error;
  while (last.cause instanceof Error) last = last.cause;
  const { code = "" } = last as NodeJS.ErrnoException;
  return { code: String(code), message: last.message };
}

/** Whether a server answers a request of HTTP/1.1, whatever it says. */
function answersHttp1(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asking = request(url, { method: "GET", timeout: 2_000, agent: false });
    asking.once("response", (response) => {
      response.resume();
      asking.destroy();
      resolve(true);
    });
    asking.once("error", () => resolve(false)).once("timeout", () => asking.destroy());
    asking.end();
  });
}
