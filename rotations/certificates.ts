// A volume with a certificate, as Kubernetes has it: a link to a directory of the version, which is swapped.
import { execFileSync } from "node:child_process";
import { mkdirSync, readlinkSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const authority = (file: string) => fileURLToPath(new URL(`../__test__/certificates/${file}`, import.meta.url));

export class Volume {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
    for (const file of ["tls.crt", "tls.key"]) symlinkSync(`..data/${file}`, join(path, file));
  }

  /** Swaps in a new certificate for `localhost` with this serial number, signed by the authority of the tests. */
  rotate(serial: number): void {
    this.#swap(serial, `${serial}`);
  }

  /** Swaps in a certificate with the key of another one. */
  spoil(serial: number): void {
    this.#swap(serial, "spoilt", (directory) => makeKey(join(directory, "tls.key")));
  }

  #swap(serial: number, name: string, change: (directory: string) => void = () => {}): void {
    const version = join(this.#path, `..${name}`);
    mkdirSync(version);
    makeKey(join(version, "tls.key"));
    makeCertificate(version, serial);
    change(version);
    const before = this.#current();
    symlinkSync(`..${name}`, join(this.#path, "..data_tmp"));
    renameSync(join(this.#path, "..data_tmp"), join(this.#path, "..data"));
    if (before !== undefined) rmSync(join(this.#path, before), { recursive: true });
  }

  #current(): string | undefined {
    try {
      return readlinkSync(join(this.#path, "..data"));
    } catch {
      return undefined; // It is the first.
    }
  }
}

function openssl(...args: string[]): Buffer {
  return execFileSync("openssl", args, { stdio: ["ignore", "pipe", "ignore"] });
}

function makeKey(file: string): void {
  openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", file);
}

function makeCertificate(directory: string, serial: number): void {
  const [key, cert] = [join(directory, "tls.key"), join(directory, "tls.crt")];
  const names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  const issuer = ["-CA", authority("ca.crt"), "-CAkey", authority("ca.key")];
  openssl("req", "-x509", "-key", key, ...names, ...issuer, "-set_serial", `${serial}`, "-days", "30", "-out", cert);
}
