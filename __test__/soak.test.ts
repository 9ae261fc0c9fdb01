// The soak finds what it looks for: each fault that its server is told to make is reported, and without one nothing is.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { growthOf } from "../soak/growth.ts";

const linux = process.platform === "linux" ? {} : { skip: "the soak reads /proc" };

/** Runs the soak for a few seconds. */
async function soak(...options: string[]): Promise<{ code: number; output: string }> {
  const program = fileURLToPath(new URL("../soak/run.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", program, "--seconds", "5", "--seed", "1", ...options]);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
  const [code] = await once(child, "close");
  return { code, output };
}

test("a soak reports memory, handlers and descriptors that are left, and wrong answers", {
  timeout: 120_000,
  ...linux,
}, async () => {
  const { code, output } = await soak("--faults", "memory,handler,descriptor,answer");
  assert.equal(code, 1, output);
  for (const line of [
    /^unexpected: memory has grown: heap: .* MiB /m,
    /^unexpected: with no call in flight a handler runs: Echo\w* by \S+, whose signal has aborted$/m,
    /^unexpected: \d+ descriptors are open in the server, \d+ were before$/m,
    /^unexpected: unary, .*: the text: \[".*!"\] instead of \[".*"\]$/m,
    /^\d+ pieces of load, \d+ unexpected$/m,
  ]) {
    assert.match(output, line);
  }
});

test("a soak without faults reports nothing of that", { timeout: 120_000, ...linux }, async () => {
  const { output } = await soak();
  const unexpected = [...output.matchAll(/^unexpected: .*$/gm)].map(([line]) => line);
  // A few seconds are too short for the memory: the engine still compiles, and pools fill.
  assert.deepEqual(
    unexpected.filter((line) => !line.startsWith("unexpected: memory has grown")),
    [],
  );
  assert.match(output, /^\d{3,} pieces of load/m);
});

const MIB = 1024 * 1024;
const flat = Array.from({ length: 30 }, () => 100 * MIB);

const growths: Record<string, [samples: number[], isTooLarge: boolean]> = {
  "memory that stays": [flat, false],
  "memory that grows by a percent with each sample": [flat.map((bytes, at) => bytes * (1 + at / 100)), true],
  "memory that grows until the mark only": [flat.map((bytes, at) => bytes * (0.5 + Math.min(at, 7) / 14)), false],
  "a few samples that are high": [flat.map((bytes, at) => (at % 10 === 8 ? 3 * bytes : bytes)), false],
  "more than half of the last samples high, over a floor that stays": [
    flat.map((bytes, at) => (at > 24 ? 1.2 * bytes : bytes)),
    false,
  ],
  "a floor that rises below samples that are high": [
    flat.map((bytes, at) => bytes * (at < 20 ? 1 : 1.11) * (at % 3 === 0 ? 1.2 : 1)),
    true,
  ],
  "a little that doubles": [flat.map((_, at) => (at < 20 ? MIB / 2 : MIB)), false],
  "no samples": [[], true],
};

for (const [what, [samples, isTooLarge]] of Object.entries(growths)) {
  test(`growth: ${what} ${isTooLarge ? "is too much" : "is none"}`, () => {
    const growth = growthOf("memory", samples, 1 / 3);
    assert.equal(growth.isTooLarge, isTooLarge, growth.line);
  });
}
