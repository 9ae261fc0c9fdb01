// @ts-check
// Builds the OpenTelemetry Collector, pinned, with what the judge needs: it receives OTLP, and writes it to files.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ensureJudge } from "./judge.mjs";
import { root, run } from "./run.mjs";

export const collectorVersion = "v0.159.0";

const binary = join(root, ".judges", "bin", "otelcol");
const folder = join(root, ".judges", "build", "otelcol");

/** What the builder reads. Paths of modules, as Go has them. */
const manifest = `dist:
  name: otelcol
  output_path: ${folder}
receivers:
  - gomod: go.opentelemetry.io/collector/receiver/otlpreceiver ${collectorVersion}
exporters:
  - gomod: github.com/open-telemetry/opentelemetry-collector-contrib/exporter/fileexporter ${collectorVersion}
`;

/** The path of the Collector. It is built on first use, which takes minutes, and whenever the manifest changes. */
export async function ensureCollector() {
  const stamp = `${binary}.yaml`;
  if (existsSync(binary) && existsSync(stamp) && readFileSync(stamp, "utf8") === manifest) return binary;
  const builder = await ensureJudge({
    name: "builder",
    module: "go.opentelemetry.io/collector/cmd/builder",
    version: collectorVersion,
  });
  console.log(`building otelcol (OpenTelemetry Collector ${collectorVersion}) into .judges/bin`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const config = `${folder}.yaml`;
  writeFileSync(config, manifest);
  await run(builder, ["--config", config], { timeoutMs: 1_200_000 });
  renameSync(join(folder, "otelcol"), binary);
  writeFileSync(stamp, manifest);
  return binary;
}
