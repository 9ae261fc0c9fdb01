// @ts-check
// Reads what testssl.sh 3.0 found: its flat JSON, as --jsonfile writes it.

/**
 * @typedef {object} Finding
 * @property {string} id of the check, which some checks share
 * @property {string} severity OK, INFO, LOW, MEDIUM, HIGH or CRITICAL; WARN and FATAL where a check failed
 * @property {string} finding
 */

const tolerated = ["OK", "INFO", "LOW"];

/**
 * Checks that fail for reasons of testssl.sh. The OpenSSL of the machine may have no GOST. And `openssl s_client`,
 * whose input ends at once, may leave before the ticket of TLS 1.3 arrives, which then cannot be tried; it does so with
 * servers of `node:http2`, too.
 */
const mayFail = ["engine_problem", "sessionresumption_ticket"];

/** The last check of each option, so that a run that broke off does not look like a good one. */
const lastOf = {
  "-p": "ALPN",
  "-s": "cipherlist_STRONG",
  "-f": "PFS",
  "-P": "cipher_negotiated",
  "-S": "certificate_transparency",
  "-U": "RC4",
  "the whole run": "scanTime",
};

/** Findings that differ from day to day. */
const ofTheDay = ["cert_expirationStatus", "cert_notAfter"];

/**
 * What is wrong: every finding above LOW, every check that failed, every part that is missing.
 * @param {readonly Finding[]} findings
 * @returns {string[]}
 */
export function complaintsAbout(findings) {
  const bad = findings.filter((finding) => !tolerated.includes(finding.severity) && !hasFailedOfItself(finding));
  const missing = Object.entries(lastOf).filter(([, last]) => !findings.some(({ id }) => id === last));
  return [
    ...bad.map(({ id, severity, finding }) => `${severity} ${id}: ${finding}`),
    ...missing.map(([part, last]) => `there is no finding ${last}, so ${part} is not complete`),
  ];
}

/**
 * The table of the findings that testssl.sh has an opinion on, which is all but INFO.
 * @param {ReadonlyMap<string, readonly Finding[]>} runs by the kind of the certificate, which a cell names where the
 * runs differ
 */
export function tableOf(runs) {
  const told = [...runs].map(([kind, findings]) => /** @type {const} */ ([kind, findings.filter(isTold)]));
  const ids = new Set(told.flatMap(([, findings]) => findings.map(({ id }) => id)));
  const rows = [...ids].map((id) => {
    const cells = told.map(([kind, findings]) => [kind, cellOf(findings.filter((one) => one.id === id))]);
    const texts = new Set(cells.map(([, text]) => text));
    const text = texts.size === 1 ? [...texts][0] : cells.map(([kind, text]) => `${kind}: ${text}`).join("; ");
    return `| \`${id}\` | ${text} |`;
  });
  return ["| check of testssl.sh | finding |", "| --- | --- |", ...rows].join("\n");
}

/** @param {Finding} finding */
function isTold(finding) {
  return finding.severity !== "INFO" && !hasFailedOfItself(finding) && !ofTheDay.includes(finding.id);
}

/** @param {Finding} finding */
function hasFailedOfItself({ id, severity }) {
  return severity === "WARN" && mayFail.includes(id);
}

/** @param {readonly Finding[]} findings of one check */
function cellOf(findings) {
  if (findings.length === 0) return "not judged";
  return findings.map(({ severity, finding }) => `${severity}, ${finding.trim().replace(/\s+/g, " ")}`).join("; ");
}
