// Programs of examples, started as in their README.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { startExample } from "./support/program.ts";

/** Starts `examples/<name>/server.ts`; resolves to its address. */
async function served(t: TestContext, name: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const program = startExample(t, `${name}/server`, { LISTEN: "127.0.0.1", PORT: "0", ...env });
  const line = await program.line(/^Server listening /);
  return `http://${line.split(" ").at(-1)}`;
}

/** Everything that `examples/<name>/client.ts` prints. */
async function said(
  t: TestContext,
  name: string,
  url: string,
  env: NodeJS.ProcessEnv = {},
): Promise<readonly string[]> {
  const { code, lines, stderr } = await startExample(t, `${name}/client`, env, [url]).exited;
  assert.equal(code, 0, stderr);
  return lines;
}

/** The response to a JSON request: status and body. */
async function posted(url: string, body: object, header: Record<string, string> = {}): Promise<[number, unknown]> {
  const headers = { "content-type": "application/json", ...header };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  return [response.status, await response.json()];
}

test("examples/validation: a valid order is accepted, an invalid one is rejected with the rules that it violates", {
  timeout: 30_000,
}, async (t) => {
  const url = await served(t, "validation");
  assert.deepEqual(await said(t, "validation", url), [
    "3 for ada@example.com",
    "[invalid_argument] email: must be a valid email address [string.email], and 2 more violations",
    "string.email: must be a valid email address",
    "repeated.min_items: must contain at least 1 item(s)",
    "order.gift: a gift is for one",
  ]);
  const [status, response] = await posted(`${url}/orders.v1.Orders/Place`, { email: "ada" });
  assert.equal(status, 400);
  const { code, details } = response as { code: string; details: { type: string }[] };
  assert.deepEqual([code, details.map(({ type }) => type)], ["invalid_argument", ["buf.validate.Violations"]]);
});

const placed = [
  "tea, cup, tea: 21.00",
  "cup, cup: [failed_precondition] there is no cup left",
  "book: [failed_precondition] there is no book left",
];

for (const [what, prices, others] of [
  ["three services in one process", undefined, {}],
  ["the same in two", { SERVICES: "shop.v1.Prices" }, { SERVICES: "shop.v1.Orders, shop.v1.Stock" }],
] as const) {
  // contract: K6
  test(`examples/catalog: ${what} call each other by name`, { timeout: 30_000 }, async (t) => {
    const elsewhere = prices && { PRICES_URL: await served(t, "catalog", prices) };
    const url = await served(t, "catalog", { ...others, ...elsewhere });
    assert.deepEqual(await said(t, "catalog", url), placed);
  });
}

test("examples/mtls: certificates decide who may call what", { timeout: 30_000 }, async (t) => {
  const { code, lines, stderr } = await startExample(t, "mtls/main").exited;
  assert.equal(code, 0, stderr);
  const shown = readFileSync(new URL("../examples/mtls/README.md", import.meta.url), "utf8");
  const [, expected = ""] = /```\n(.*?)\n```/s.exec(shown.slice(shown.indexOf("It prints:"))) ?? [];
  assert.equal(expected.split("\n").length, 5);
  assert.deepEqual(
    lines.filter((line) => !line.startsWith("Server listening ")),
    expected.split("\n"),
  );
});

test("examples/authentication: handlers know the owner of a token, and calls without one are rejected", {
  timeout: 30_000,
}, async (t) => {
  const url = await served(t, "authentication", { TOKEN: "s3cret" });
  assert.deepEqual(await said(t, "authentication", url, { TOKEN: "s3cret" }), [
    "Hello, Ada!",
    "Good morning, Ada!",
    "Good evening, Ada!",
  ]);
  assert.deepEqual(await said(t, "authentication", url, { TOKEN: "guessed" }), [
    "[unauthenticated] the token is missing or unknown",
  ]);
  const path = `${url}/hello.v1.Greeter/Greet`;
  const authorization = "Bearer s3cret";
  assert.deepEqual(await posted(path, {}, { authorization }), [200, { greeting: "Hello, Ada!" }]);
  const [status] = await posted(path, {});
  assert.equal(status, 401);
});
