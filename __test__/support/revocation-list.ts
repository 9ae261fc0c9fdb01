// Lists of revoked certificates with dates of their own.
import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { certificatePath } from "./certificates.ts";
import { opensslTime } from "./openssl-time.ts";

/** What a list is to say. The authority of the tests signs it. */
export interface ListTerms {
  /** Certificates in PEM. */
  readonly revoked: readonly string[];
  /** Seconds from now. */
  readonly from: number;
  /** Seconds from now. */
  readonly to: number;
  /** Whether it is of version 1, without extensions. */
  readonly isOld?: boolean;
}

/** Makes one by `openssl ca -gencrl`; in PEM. */
export function revocationList(t: TestContext, { revoked, from, to, isOld = false }: ListTerms): string {
  const directory = mkdtempSync(join(tmpdir(), "connectum-list-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const path = (file: string) => join(directory, file);
  const serials = revoked.map((pem) => new X509Certificate(pem).serialNumber);
  const entries = serials.map((serial) => `R\t491231235959Z\t260101000000Z\t${serial}\tunknown\t/CN=revoked\n`);
  writeFileSync(path("index.txt"), entries.join(""));
  writeFileSync(path("number"), "01\n");
  const extensions = isOld ? "" : `crlnumber = ${path("number")}\ncrl_extensions = extensions\n`;
  writeFileSync(
    path("config"),
    `[it]\ndatabase = ${path("index.txt")}\ndefault_md = sha256\n${extensions}[extensions]\n` +
      "authorityKeyIdentifier = keyid\n",
  );
  const signer = ["-cert", certificatePath("ca.crt"), "-keyfile", certificatePath("ca.key")];
  const dates = ["-crl_lastupdate", opensslTime(from), "-crl_nextupdate", opensslTime(to)];
  const command = ["ca", "-gencrl", "-config", path("config"), "-name", "it", ...signer, ...dates, "-out", path("crl")];
  execFileSync("openssl", command, { stdio: "ignore" });
  return readFileSync(path("crl"), "utf8");
}
