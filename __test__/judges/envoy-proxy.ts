// Envoy in front of a server whose health it checks.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { TestContext } from "node:test";
import { eventually } from "../support/eventually.ts";
import { judgePath } from "../support/judge-path.ts";
import { envoyConfiguration, type Upstream } from "./envoy-configuration.ts";

export type EnvoyState = "healthy" | "unhealthy";

/** Envoy, running. */
export interface EnvoyProxy {
  /** The address of its listener, for HTTP/1.1 and HTTP/2. */
  readonly url: string;
  /** The health that it has recorded for the server. */
  state(): Promise<EnvoyState>;
  /** The number of successful checks so far. */
  successes(): Promise<number>;
}

/** Starts it, with a listener on a free port; it is killed at the end of the test. */
export async function startEnvoy(t: TestContext, upstream: Upstream): Promise<EnvoyProxy> {
  const flags = ["--concurrency", "1", "--disable-hot-restart", "--log-level", "info"];
  const child = spawn(
    judgePath("envoy/bin/envoy"),
    [...flags, "--config-yaml", JSON.stringify(envoyConfiguration(upstream))],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  t.after(() => child.kill("SIGKILL"));
  const admin = await adminAddress(child);
  const ask = async (path: string) => (await fetch(`http://${admin}${path}`)).json();

  let port: number | undefined;
  const findPort = async () => {
    const { listener_statuses: listeners } = (await ask("/listeners?format=json")) as ListenerReport;
    port = listeners?.[0]?.local_address.socket_address.port_value;
    return port !== undefined;
  };
  await eventually(findPort, "Envoy listens");
  return {
    url: `http://127.0.0.1:${port}`,
    async state() {
      const { cluster_statuses: clusters } = (await ask("/clusters?format=json")) as ClusterReport;
      const [host] = clusters.find(({ name }) => name === "server")?.host_statuses ?? [];
      assert.ok(host, "Envoy knows the server");
      return host.health_status.failed_active_health_check ? "unhealthy" : "healthy";
    },
    async successes() {
      const { stats } = (await ask("/stats?format=json&filter=health_check.success")) as { stats: [{ value: number }] };
      return stats[0].value;
    },
  };
}

interface ClusterReport {
  cluster_statuses: { name: string; host_statuses?: { health_status: { failed_active_health_check?: boolean } }[] }[];
}

interface ListenerReport {
  listener_statuses?: { local_address: { socket_address: { port_value: number } } }[];
}

/** The address of its admin interface, from its log. */
function adminAddress(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const lines: string[] = [];
    // Reading continues after that, because a full pipe would block it.
    createInterface(child.stderr ?? assert.fail("its log is piped")).on("line", (line) => {
      lines.push(line);
      const [, address] = /admin address: (\S+)/.exec(line) ?? [];
      if (address !== undefined) resolve(address);
    });
    child.once("error", reject);
    child.once("close", (code) => reject(new Error(`Envoy ended, with ${code}:\n${lines.join("\n")}`)));
  });
}
