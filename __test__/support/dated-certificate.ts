// Certificates with dates of their own, signed by the authority of the tests or by themselves.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { certificatePath } from "./certificates.ts";
import { opensslTime } from "./openssl-time.ts";

/** A certificate, its key, and the directory that has them as `server.crt` and `server.key`. */
export interface DatedCertificate {
  readonly cert: string;
  readonly key: string;
  readonly directory: string;
}

/** What it is to say. */
export interface Dates {
  /** Seconds from now. */
  readonly from: number;
  /** Seconds from now. */
  readonly to: number;
  /** The `CN`. */
  readonly name: string;
  /** Lines of its extensions. */
  readonly extensions: readonly string[];
  /** Who signs; default the authority of the tests. */
  readonly issuer?: { readonly cert: string; readonly key: string };
  /** Whether it signs itself. */
  readonly isSelfSigned?: boolean;
}

/** Makes one by `openssl ca`, the only command of OpenSSL 3.0 that takes dates. */
export function datedCertificate(t: TestContext, dates: Dates): DatedCertificate {
  const directory = mkdtempSync(join(tmpdir(), "connectum-dated-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const path = (file: string) => join(directory, file);
  const openssl = (...args: string[]) => execFileSync("openssl", args, { stdio: "ignore" });
  openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path("server.key"));
  openssl("req", "-new", "-key", path("server.key"), "-subj", `/CN=${dates.name}`, "-out", path("request.csr"));
  writeFileSync(path("extensions"), `${dates.extensions.join("\n")}\n`);
  writeFileSync(path("index.txt"), "");
  writeFileSync(
    path("config"),
    `[it]\ndatabase = ${path("index.txt")}\nnew_certs_dir = ${directory}\nrand_serial = yes\ndefault_md = sha256\n` +
      "policy = any\n[any]\ncommonName = supplied\n",
  );
  const { issuer = { cert: certificatePath("ca.crt"), key: certificatePath("ca.key") } } = dates;
  const signer = dates.isSelfSigned
    ? ["-selfsign", "-keyfile", path("server.key")]
    : ["-cert", issuer.cert, "-keyfile", issuer.key];
  const named = ["-startdate", opensslTime(dates.from), "-enddate", opensslTime(dates.to), "-out", path("server.crt")];
  const request = ["-in", path("request.csr"), "-notext", "-extfile", path("extensions")];
  openssl("ca", "-batch", "-config", path("config"), "-name", "it", ...request, ...signer, ...named);
  const read = (file: string) => readFileSync(path(file), "utf8");
  return { cert: read("server.crt"), key: read("server.key"), directory };
}
