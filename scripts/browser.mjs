// @ts-check
// npm run browser: pages in Debian's Chromium call our server from another origin, and the page of examples/web does
// what it shows: __test__/browser has a file for each. Installs Chromium and vite if they are missing. The last line is
// the count of the tests. SCREENSHOTS=folder keeps pictures of the page.
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runNodeTests } from "./node-tests.mjs";
import { capture, ensureBuilt, Failure, main, root, run } from "./setup.mjs";

const folder = "__test__/browser";
const chromium = "/usr/bin/chromium";

main(async () => {
  await ensureBuilt();
  await ensureChromium();
  await ensureVite();
  const screenshots = process.env["SCREENSHOTS"];
  if (screenshots !== undefined) mkdirSync(screenshots, { recursive: true });
  const tests = readdirSync(join(root, folder)).filter((name) => name.endsWith(".test.ts"));
  console.log(`running ${tests.join(", ")}`);
  const files = tests.map((name) => `${folder}/${name}`);
  const { passed, failed } = await runNodeTests(files, { timeoutMs: 120_000 });
  if (passed + failed === 0) throw new Failure("no test was run.");
  console.log(`${passed} passed, ${failed} failed`);
  if (failed > 0) process.exitCode = 1;
});

/** Debian's browser, where the tests look for it. */
async function ensureChromium() {
  if (existsSync(chromium)) return;
  const missing = `there is no ${chromium}. Install it, on Debian: apt-get install chromium`;
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) throw new Failure(missing);
  console.log("installing chromium with apt-get");
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  for (const args of [["update"], ["install", "-y", "--no-install-recommends", "chromium"]]) {
    const { code, stderr } = await capture("apt-get", args, { env });
    if (code !== 0) throw new Failure(`${missing}\n${stderr.trim()}`);
  }
}

/** The vite of the example, which alone depends on it: in .judges/vite, in the version that its package.json pins. */
async function ensureVite() {
  const { vite: version } = read("examples/web/package.json").devDependencies;
  const home = join(root, ".judges", "vite");
  const manifest = ".judges/vite/node_modules/vite/package.json";
  if (existsSync(join(root, manifest)) && read(manifest).version === version) return;
  console.log(`installing vite ${version} into .judges/vite`);
  mkdirSync(home, { recursive: true });
  const flags = ["--no-audit", "--no-fund", "--ignore-scripts", "--no-package-lock", "--loglevel=error"];
  await run("npm", ["install", "--prefix", home, ...flags, `vite@${version}`]);
}

/** @param {string} file */
function read(file) {
  return JSON.parse(readFileSync(join(root, file), "utf8"));
}
