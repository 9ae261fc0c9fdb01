// The page of examples/web, built by vite: it calls its server from another origin, and draws what comes.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, before, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { BrowserContextOptions, Page } from "playwright-core";
import { startExample } from "../support/program.ts";
import { openPage } from "./chromium.ts";
import { servePage } from "./page-server.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const built = mkdtempSync(join(tmpdir(), "connectum-web-"));
after(() => rmSync(built, { recursive: true }));
before(async () => {
  const vite = join(root, ".judges/vite/node_modules/vite/bin/vite.js");
  const flags = ["--outDir", built, "--emptyOutDir", "--logLevel", "warn"];
  const { stderr } = await promisify(execFile)(process.execPath, [vite, "build", "examples/web/page", ...flags], {
    cwd: root,
  });
  assert.equal(stderr, "");
});

/** Starts the server of the example, and opens the page on an origin that it allows. */
async function openExample(t: TestContext, options: BrowserContextOptions = {}): Promise<Page> {
  const origin = await servePage(t, built);
  const server = startExample(t, "web/server", { LISTEN: "127.0.0.1", PORT: "0", ORIGINS: origin });
  const address = (await server.line(/^Server listening /)).split(" ").at(-1);
  const page = await openPage(t, `${origin}/?server=http://${address}`, options);
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  t.after(() => assert.deepEqual(complaints, [], "errors of the page"));
  return page;
}

/** Keeps a picture for people to look at, if they ask for it. */
async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env["SCREENSHOTS"];
  if (folder !== undefined) await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}

const until = (page: Page, id: string, pattern: RegExp) => page.locator(`#${id}`, { hasText: pattern }).waitFor();

for (const protocol of ["Connect", "gRPC-Web"]) {
  test(`${protocol}: a call, an error with its detail, and what the detail says`, { timeout: 60_000 }, async (t) => {
    const page = await openExample(t);
    await page.getByText(protocol, { exact: true }).click();
    await page.getByLabel("Name").fill("Grace");
    await page.getByRole("button", { name: "Greet", exact: true }).click();
    await until(page, "greeting", /^Hello, Grace! \(\d+ ms\)$/);
    await page.getByRole("button", { name: "Greet nobody" }).click();
    await until(page, "code", /^InvalidArgument$/);
    assert.equal(await page.locator("#message").textContent(), "nobody is there to greet");
    await page.getByRole("button", { name: "greet “Ada” instead" }).click();
    await until(page, "greeting", /^Hello, Ada!/);
  });

  test(`${protocol}: a stream is drawn as it comes, and its handler sees the cancel`, {
    timeout: 60_000,
  }, async (t) => {
    const page = await openExample(t);
    await page.getByText(protocol, { exact: true }).click();
    const sky = () => page.locator("#sky").innerHTML();
    const before = await sky();
    await page.getByRole("button", { name: "Begin the day" }).click();
    await until(page, "greetings", /03:00Good night, Ada!/);
    const count = await page.locator("#greetings li").count();
    assert.ok(count < 20, `${count} greetings: they came one by one`);
    assert.notEqual(await sky(), before);
    await page.getByRole("button", { name: "Cancel" }).click();
    await until(page, "last-day", /^cancelled after \d+ greetings$/);
    assert.ok(await page.getByRole("button", { name: "Begin the day" }).isEnabled());
  });
}

test("the page looks right: light and dark, wide and narrow", { timeout: 60_000 }, async (t) => {
  for (const [name, colorScheme, width, hour] of [
    ["light-wide", "light", 1180, 9],
    ["dark-wide", "dark", 1180, 1],
    ["light-narrow", "light", 390, 12],
    ["dark-narrow", "dark", 390, 19],
  ] as const) {
    const page = await openExample(t, { colorScheme, viewport: { width, height: 900 } });
    await page.getByRole("button", { name: "Greet", exact: true }).click();
    await page.getByRole("button", { name: "Greet nobody" }).click();
    await page.getByRole("button", { name: "Begin the day" }).click();
    await until(page, "greetings", new RegExp(`${String(hour).padStart(2, "0")}:00`));
    await until(page, "code", /./);
    const [wide, visible] = await page.evaluate<[number, number]>(
      "[document.documentElement.scrollWidth, document.documentElement.clientWidth]",
    );
    assert.equal(wide, visible, `${name}: nothing is wider than the window`);
    await picture(page, name);
  }
});
