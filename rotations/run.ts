// node --import tsx rotations/run.ts [--rotations 100]: certificates are rotated under a steady load of handshakes.
// None may fail, each new certificate has to be served within a second, and a bad one between two good ones changes
// nothing.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Failure, main } from "../scripts/run.mjs";
import { Volume } from "./certificates.ts";
import { type Load, run } from "./load.ts";

/** A certificate has to be served within this time. */
const MOST_MS = 1_000;
/** What is waited for at most. */
const PATIENCE_MS = 20_000;
/** Every so many rotations a bad pair comes before the good one. */
const SPOIL_EVERY = 10;

const { values } = parseArgs({ options: { rotations: { type: "string", default: "100" } } });
const rotations = Number(values.rotations);

main(async () => {
  if (!(Number.isInteger(rotations) && rotations > 0)) throw new Failure("--rotations takes a number of rotations.");
  const directory = mkdtempSync(join(tmpdir(), "connectum-rotations-"));
  const volume = new Volume(directory);
  volume.rotate(1);
  const file = fileURLToPath(new URL("server.ts", import.meta.url));
  const server = spawn(process.execPath, ["--import", "tsx", file, directory], { stdio: ["pipe", "pipe", "inherit"] });
  const over = new AbortController();
  const lines: string[] = [];
  createInterface({ input: server.stdout }).on("line", (line) => lines.push(line));
  try {
    await until(() => lines.some((line) => line.startsWith("listening")), "the server listens");
    const port = Number(lines[0]?.split(" ")[1]);
    const load: Load = { connections: 0, failures: [], serial: 0 };
    const loading = run(port, load, over.signal);
    const times: number[] = [];
    for (let serial = 2; serial <= rotations + 1; serial += 1) {
      if (serial % SPOIL_EVERY === 0) {
        volume.spoil(1_000_000 + serial);
        const refused = lines.filter((line) => line === "refused ERR_TLS_KEY_MISMATCH").length;
        await until(() => count(lines, "refused") > refused, "the bad pair is refused");
      }
      volume.rotate(serial);
      const swapped = performance.now();
      await until(() => load.serial >= serial, `certificate ${serial} is served`);
      times.push(performance.now() - swapped);
      if (load.serial > serial) throw new Failure(`a certificate with another key was served: ${load.serial}`);
    }
    over.abort();
    await loading;
    report(load, times, count(lines, "refused"));
  } finally {
    over.abort();
    server.stdin.end();
    rmSync(directory, { recursive: true });
  }
});

function count(lines: readonly string[], begin: string): number {
  return lines.filter((line) => line.startsWith(begin)).length;
}

async function until(happened: () => boolean, what: string): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!happened()) {
    if (performance.now() > end) throw new Failure(`it never happened: ${what}`);
    await sleep(2); // Between two looks.
  }
}

function report({ connections, failures }: Load, times: number[], refused: number): void {
  const sorted = times.toSorted((a, b) => a - b);
  const [half = 0, slowest = 0] = [sorted[sorted.length >> 1], sorted.at(-1)];
  for (const failure of new Set(failures)) console.log(failure);
  console.log(`${times.length} rotations, ${refused} bad pairs between them`);
  console.log(`${connections} connections, ${failures.length} failed`);
  console.log(`a new certificate is served after ${half.toFixed(0)} ms, the slowest after ${slowest.toFixed(0)} ms`);
  const late = times.filter((time) => time > MOST_MS).length;
  if (failures.length > 0 || late > 0) process.exitCode = 1;
}
