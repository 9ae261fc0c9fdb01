// How `npm run testssl` judges what testssl.sh found.
import assert from "node:assert/strict";
import { test } from "node:test";
import { complaintsAbout, tableOf } from "./testssl/findings.mjs";

const complete = [
  { id: "engine_problem", severity: "WARN", finding: "No engine or GOST support via engine" },
  { id: "ALPN", severity: "INFO", finding: "h2 http/1.1" },
  { id: "cipherlist_STRONG", severity: "OK", finding: "offered" },
  { id: "PFS", severity: "OK", finding: "offered" },
  { id: "cipher_negotiated", severity: "OK", finding: "TLS_AES_256_GCM_SHA384" },
  { id: "cert_notAfter", severity: "OK", finding: "2027-03-01 10:15" },
  { id: "certificate_transparency", severity: "INFO", finding: "--" },
  { id: "RC4", severity: "OK", finding: "not vulnerable" },
  { id: "scanTime", severity: "INFO", finding: "30" },
];

test("a complete run whose findings are OK, INFO and LOW has no complaint", () => {
  const findings = [...complete, { id: "OCSP_stapling", severity: "LOW", finding: "not offered" }];
  assert.deepEqual(complaintsAbout(findings), []);
});

for (const severity of ["MEDIUM", "HIGH", "CRITICAL", "WARN", "FATAL"]) {
  test(`a finding of the severity ${severity} is a complaint, with what was found`, () => {
    const findings = [...complete, { id: "cipher_order", severity, finding: "NOT a cipher order configured" }];
    assert.deepEqual(complaintsAbout(findings), [`${severity} cipher_order: NOT a cipher order configured`]);
  });
}

test("a ticket that testssl.sh did not wait for is no complaint, but a session that was not resumed is one", () => {
  const failed = {
    id: "sessionresumption_ticket",
    severity: "WARN",
    finding: "check failed because of connect problem",
  };
  assert.deepEqual(complaintsAbout([...complete, failed]), []);
  assert.equal(complaintsAbout([...complete, { ...failed, severity: "HIGH" }]).length, 1);
});

test("a run that broke off is a complaint for each part that is missing", () => {
  const findings = complete.filter(({ id }) => id !== "RC4" && id !== "scanTime");
  assert.deepEqual(complaintsAbout(findings), [
    "there is no finding RC4, so -U is not complete",
    "there is no finding scanTime, so the whole run is not complete",
  ]);
});

test("the table has what testssl.sh has an opinion on, nothing of the day, and says where certificates differ", () => {
  const runs = new Map([
    ["ECDSA", [...complete, { id: "BEAST", severity: "LOW", finding: " two\n words" }]],
    ["RSA", complete.map((one) => (one.id === "PFS" ? { ...one, severity: "HIGH", finding: "not offered" } : one))],
  ]);
  assert.deepEqual(tableOf(runs).split("\n"), [
    "| check of testssl.sh | finding |",
    "| --- | --- |",
    "| `cipherlist_STRONG` | OK, offered |",
    "| `PFS` | ECDSA: OK, offered; RSA: HIGH, not offered |",
    "| `cipher_negotiated` | OK, TLS_AES_256_GCM_SHA384 |",
    "| `RC4` | OK, not vulnerable |",
    "| `BEAST` | ECDSA: LOW, two words; RSA: not judged |",
  ]);
});
