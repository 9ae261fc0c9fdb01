// The directory and files that certificates are read from.
import assert from "node:assert/strict";
import { resolve } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { getTLSPath, readTLSCertificates, tlsPath } from "./tls-identity.ts";

// contract: T6
test("the directory is TLS_DIR_PATH if it is set, otherwise it depends on NODE_ENV", (t) => {
  const { TLS_DIR_PATH, NODE_ENV } = process.env;
  t.after(() => {
    for (const [name, value] of Object.entries({ TLS_DIR_PATH, NODE_ENV })) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });
  const rows: [string | undefined, string | undefined, string][] = [
    ["/certs", undefined, "/certs"],
    ["relative", "production", "relative"],
    ["", "production", ""],
    [undefined, "production", process.cwd()],
    [undefined, "development", resolve(process.cwd(), "../../../keys")],
    [undefined, undefined, resolve(process.cwd(), "../../../keys")],
  ];
  const before = tlsPath;
  for (const [directory, environment, expected] of rows) {
    delete process.env["TLS_DIR_PATH"];
    delete process.env["NODE_ENV"];
    if (directory !== undefined) process.env["TLS_DIR_PATH"] = directory;
    if (environment !== undefined) process.env["NODE_ENV"] = environment;
    assert.equal(getTLSPath(), expected);
  }
  assert.equal(tlsPath, before);
});

// contract: T7, DEC-pem-pair
test("the error for a file that cannot be read or is missing names it", () => {
  assert.throws(() => readTLSCertificates({ certPath: "/a.crt", keyPath: "/a.key" }), {
    code: "ENOENT",
    message: "ENOENT: no such file or directory, open '/a.key'",
  });
  assert.throws(() => readTLSCertificates({ certPath: "/a.crt" }), { message: /tls\.keyPath is missing/ });
});
