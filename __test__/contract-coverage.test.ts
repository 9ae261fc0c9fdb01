// The table of promised and tested rules: what counts as proof, and which errors it reports.
import assert from "node:assert/strict";
import { test } from "node:test";
import { cover, differences } from "../scripts/contract-coverage.mjs";
import { readMarkers } from "../scripts/contract-markers.mjs";

const NODE = "__test__/some.test.ts";
const RUST = "tests/some.rs";
const PARITY = "__test__/parity/cases/some.ts";
const TYPES = "__test__/types/some.ts";
const marker = (ids: string) => `// contract: ${ids}\n`;

const proofs: [string, string, string, string[]][] = [
  ["a test", NODE, `${marker("S1")}test("works", async () => {});`, ["S1 works"]],
  ["several rules", NODE, `${marker("S1, X-a")}test("works", () => {});`, ["S1 works", "X-a works"]],
  ["rules in two lines", NODE, `${marker("S1")}${marker("S2")}test("works", () => {});`, ["S1 works", "S2 works"]],
  ["a table", NODE, `  ${marker("S1")}  test(\`a\${b}\`, {\n    timeout: 1,\n  }, () => {});`, ["S1 a$" + "{b}"]],
  ["beside a source", "packages/core/src/a.test.ts", `${marker("S1")}test('a', () => {});`, ["S1 a"]],
  ["Rust", RUST, `${marker("S1")}#[test]\nfn it_works() {}`, ["S1 it_works"]],
  ["Rust, async", "src/a.rs", `    ${marker("S1")}    #[tokio::test]\n    async fn works() {}`, ["S1 works"]],
  ["a parity case", PARITY, `${marker("S1")}  "gRPC, bad": grpc(),`, ["S1 gRPC, bad"]],
  ["a parity case with a bare name", PARITY, `${marker("S1")}  unary: grpc(),`, ["S1 unary"]],
  ["types that compile", TYPES, `${marker("S1")}// Hooks.\n\nserver.onShutdown(() => {});`, ["S1 Hooks"]],
];

for (const [what, file, source, expected] of proofs) {
  test(`${what}: the rule and the title of the test`, () => {
    const { proofs, complaints } = readMarkers(file, source);
    assert.deepEqual(
      proofs.map(({ id, title }) => `${id} ${title}`),
      expected,
    );
    assert.deepEqual(complaints, []);
  });
}

const misplaced: [string, string, string, RegExp][] = [
  ["a test that is skipped", NODE, `${marker("S1")}test.skip("a", () => {});`, /^1: .*skipped/],
  ["a test to be done", NODE, `${marker("S1")}test("a", { todo: true }, () => {});`, /^1: .*skipped/],
  ["a test that may be skipped", NODE, `${marker("S1")}test("a", { skip: isWindows }, () => {});`, /^1: .*skipped/],
  ["a Rust test that is ignored", RUST, `${marker("S1")}#[test]\n#[ignore = "slow"]\nfn a() {}`, /^1: .*skipped/],
  ["a function of Rust", RUST, `${marker("S1")}#[inline]\nfn a() {}`, /^1: .*not directly above a test/],
  ["something else", NODE, `\n${marker("S1")}const a = 1;\ntest("a", () => {});`, /^2: .*not directly above a test/],
  ["a test that is commented out", NODE, `${marker("S1")}// test("a", () => {});`, /^1: .*not directly above a test/],
  ["a file that is no test", "__test__/support/a.ts", `${marker("S1")}test("a", () => {});`, /^1: .*that is run/],
];

for (const [what, file, source, complaint] of misplaced) {
  test(`a marker above ${what} proves nothing and is reported`, () => {
    const { proofs, complaints } = readMarkers(file, source);
    assert.deepEqual(proofs, []);
    assert.equal(complaints.length, 1);
    assert.match(complaints[0] ?? "", complaint);
  });
}

const areas = [
  { area: "Start", rules: { S1: "It starts.", "S-b": "It is `a|b`." } },
  { area: "Wire", differs: true, rules: { "CN-a": "It is sent." } },
];
const evidence = [
  { id: "S1", file: NODE, title: "works for <T>" },
  { id: "CN-a", file: RUST, title: "it_is_sent" },
];
const differing = differences("- `S-b` It is c.\n- `P-7`, `CN-a` It is sent,\n  at once.\n- `PORT` is a variable.\n");

test("a rule has tests, a difference, or both", () => {
  const { text, complaints } = cover(areas, evidence, differing);
  assert.deepEqual(complaints, []);
  const rows = text.split("\n").filter((line) => line.startsWith("| `"));
  assert.deepEqual(rows, [
    "| `S1` | It starts. | [some.test.ts](../__test__/some.test.ts): works for &lt;T> |",
    "| `S-b` | It is `a\\|b`. | [differs](differences.md): It is c. |",
    "| `CN-a` | It is sent. | [some.rs](../tests/some.rs): it_is_sent<br>[differs](differences.md): It is sent, at once. |",
  ]);
});

test("a rule that was true is marked, beside the part that still is", () => {
  const rules = { S1: { was: "It sleeps." }, "S-b": { is: "It starts.", was: "It stops." } };
  const proofs = [...evidence, { id: "S-b", file: NODE, title: "b" }];
  const both = new Map([...differing, ["S1", "It works."] as const]);
  const { text, complaints } = cover([{ area: "Start", rules }, ...areas.slice(1)], proofs, both);
  assert.deepEqual(complaints, []);
  assert.match(text, /^\| `S1` \| \*\*was:\*\* It sleeps\. \| /m);
  assert.match(text, /^\| `S-b` \| It starts\. \*\*was:\*\* It stops\. \| /m);
});

const past = { area: "Past", rules: { "P-a": { was: "It sleeps." } } };
const proofOfPast = { id: "P-a", file: NODE, title: "it does not" };
const withPast = differences("- `S-b` c\n- `CN-a` d\n");

const incomplete: [string, Parameters<typeof cover>, RegExp][] = [
  ["a rule without both", [areas, evidence.slice(1), differing], /^S1 has neither a test nor a line/],
  ["a wire rule without a difference", [areas, evidence, differences("- `S-b` c")], /^CN-a needs both/],
  ["a wire rule without a test", [areas, evidence.slice(0, 1), differing], /^CN-a needs both/],
  [
    "a rule that was true, without a difference",
    [[...areas, past], [...evidence, proofOfPast], withPast],
    /^P-a needs both/,
  ],
  [
    "a rule that was true, without a test",
    [[...areas, past], evidence, new Map([...withPast, ["P-a", "It works."]])],
    /^P-a needs both/,
  ],
  ["a marker of no rule", [areas, [...evidence, { id: "S99", file: NODE, title: "a" }], differing], /no rule S99/],
  ["a difference of no rule", [areas, evidence, new Map([...differing, ["S98", "a"]])], /no rule S98/],
  [
    "a rule twice",
    [[...areas, { area: "Again", rules: { S1: "It starts." } }], evidence, differing],
    /S1 is there twice/,
  ],
];

for (const [what, [rules, tests, lines], complaint] of incomplete) {
  test(`${what} is reported`, () => {
    const { complaints } = cover(rules, tests, lines);
    assert.equal(complaints.length, 1);
    assert.match(complaints[0] ?? "", complaint);
  });
}
