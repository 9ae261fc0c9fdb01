// @ts-check
// Reads the JUnit report of h2spec: which cases it ran, and how each ended.

/**
 * @typedef {object} CaseResult
 * @property {string} name as h2spec takes it on its command line: `http2/8.1/1`
 * @property {string} title
 * @property {"passed" | "failed" | "skipped"} outcome
 * @property {string} actual what the server did, when that was not what was expected; else empty
 */

/**
 * The cases of a report, in their order.
 * @param {string} xml
 * @returns {CaseResult[]}
 */
export function readReport(xml) {
  /** @type {Map<string, number>} */
  const numbers = new Map();
  return [...xml.matchAll(/<testcase package="([^"]*)" classname="([^"]*)"[^>]*>([\s\S]*?)<\/testcase>/g)].map(
    ([, section = "", title = "", content = ""]) => {
      const number = (numbers.get(section) ?? 0) + 1;
      numbers.set(section, number);
      // Lines of what was expected, then one of what was seen.
      const complaint = /<(?:error|failure)>([\s\S]*)<\/(?:error|failure)>/.exec(content)?.[1];
      return {
        name: `${section}/${number}`,
        title: plain(title),
        outcome: complaint !== undefined ? "failed" : content.includes("<skipped>") ? "skipped" : "passed",
        actual: plain(complaint?.split("\n").at(-1) ?? ""),
      };
    },
  );
}

/** @param {string} text */
function plain(text) {
  return text
    .replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}
