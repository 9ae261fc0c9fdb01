// The certificates of __test__/certificates: all but `stranger` and `expired` chain to `ca`.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The path of one of the files. */
export function certificatePath(file: string): string {
  return fileURLToPath(new URL(`../certificates/${file}`, import.meta.url));
}

/** The PEM text of one of the files. */
export function certificate(file: string): string {
  return readFileSync(certificatePath(file), "utf8");
}

/** `cert` and `key` of one name: server, rsa, p521, ed25519, chained, client, stranger. */
export function identity(name: string): { cert: string; key: string } {
  return { cert: certificate(`${name}.crt`), key: certificate(`${name}.key`) };
}
