// The OpenTelemetry Collector in a process of its own. It receives OTLP on loopback, and writes what it got into files.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { eventually } from "../support/eventually.ts";
import { judgePath } from "../support/judge-path.ts";
import { freePort, isOpen } from "../support/ports.ts";

/** `grpc` or `http`: what its receiver speaks. Over HTTP that is protobuf and JSON. */
export type Receiver = "grpc" | "http";

export interface CollectorProcess {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly url: string;
  /** What it has written of a signal so far: one object of OTLP's JSON for each export. */
  written<T>(signal: "traces" | "metrics" | "logs"): T[];
}

/** Starts it with a receiver for one protocol alone, on a free port. It is killed at the end of the test. */
export async function startCollector(t: TestContext, receiver: Receiver): Promise<CollectorProcess> {
  const folder = mkdtempSync(join(tmpdir(), "otelcol-"));
  const port = await freePort();
  const file = join(folder, "configuration.yaml");
  writeFileSync(file, configuration(receiver, port, folder));
  const child = spawn(judgePath("bin/otelcol"), ["--config", file], { stdio: ["ignore", "ignore", "pipe"] });
  let output = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  t.after(() => {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });
  const listens = async () => {
    assert.equal(child.exitCode, null, `the Collector has ended:\n${output}`);
    return isOpen(port);
  };
  await eventually(listens, "the Collector listens");
  return {
    url: `http://127.0.0.1:${port}`,
    written(signal) {
      const path = join(folder, `${signal}.json`);
      // The last line may not be complete yet.
      const lines = existsSync(path) ? readFileSync(path, "utf8").split("\n").slice(0, -1) : [];
      return lines.map((line) => JSON.parse(line));
    },
  };
}

/** Without metrics of its own, which would take a fixed port. */
function configuration(receiver: Receiver, port: number, folder: string): string {
  const signals = ["traces", "metrics", "logs"];
  const exporter = (signal: string) => `
  file/${signal}:
    path: ${join(folder, `${signal}.json`)}
    flush_interval: 100ms`;
  const pipeline = (signal: string) => `
    ${signal}:
      receivers: [otlp]
      exporters: [file/${signal}]`;
  return `
receivers:
  otlp:
    protocols:
      ${receiver}:
        endpoint: 127.0.0.1:${port}
exporters:${signals.map(exporter).join("")}
service:
  telemetry:
    metrics:
      level: none
  pipelines:${signals.map(pipeline).join("")}
`;
}
