// TLS handshakes: the CPU time of the server for a connection that is opened, starts HTTP/2, and is closed.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { Failure, root } from "../scripts/run.mjs";
import { cpuSecondsOf, rssMibOf } from "./accounting.ts";
import type { ServerName } from "./case.ts";
import type { Durations, Sample } from "./measure.ts";
import type { Variant } from "./peers/variant.ts";
import { atLeast, type Comparison } from "./results.ts";
import type { ServerPool } from "./server-pool.ts";
import { handshakeClient } from "./servers.ts";
import { warmUp } from "./warm-up.ts";

/** A kind of handshake. connect-node is a server of `node:http2`, which does all that happens before a request. */
export interface Handshakes extends Comparison {
  readonly title: string;
  readonly unit: string;
  readonly servers: readonly ServerName[];
  readonly variant: Variant;
  readonly version: "1.2" | "1.3";
  readonly kind: "full" | "resumed";
}

/** What the client prints. */
interface Load extends Pick<Sample, "callsPerSecond" | "p50Us" | "p99Us"> {
  /** Version, cipher suite and group, the same in all handshakes. */
  readonly negotiated: string;
}

const LEAST = 64;
const LIMIT_MS = 300_000;

/** What the servers negotiated, by the name of the kind. */
const negotiated = new Map<string, string>();

export const handshakes: readonly Handshakes[] = [
  handshakesOf("handshake-ecdsa", "TLS 1.3, full, ECDSA P-256", "tls", "1.3", "full", 2.2),
  // The signature, which is the same work for both, is most of it.
  handshakesOf("handshake-rsa", "TLS 1.3, full, RSA 2,048", "tls-rsa", "1.3", "full", 1.6),
  handshakesOf("handshake-resumed-ecdsa", "TLS 1.3, resumed, ECDSA P-256", "tls", "1.3", "resumed", 2.2),
  handshakesOf("handshake-resumed-rsa", "TLS 1.3, resumed, RSA 2,048", "tls-rsa", "1.3", "resumed", 2.2),
  handshakesOf("handshake-resumed-tls12", "TLS 1.2, resumed, ECDSA P-256", "tls", "1.2", "resumed", 2.2),
];

function handshakesOf(
  name: string,
  title: string,
  variant: Variant,
  version: Handshakes["version"],
  kind: Handshakes["kind"],
  expected: number,
): Handshakes {
  return {
    name,
    title: `Handshake: ${title} (connect-node: \`node:http2\`)`,
    unit: "CPU µs per handshake",
    servers: ["connectum", "connect-node"],
    variant,
    version,
    kind,
    figureOf: ({ cpuUsPerCall }) => cpuUsPerCall,
    targetOf: (server, ratio) => (server === "connect-node" ? atLeast("node:http2 / ours", ratio, expected) : null),
  };
}

/** Warms a server up and measures it. */
export function measureHandshakes(
  pool: ServerPool,
  name: ServerName,
  subject: Handshakes,
  durations: Durations,
): Promise<Sample> {
  return pool.use(name, subject.variant, async ({ url, pid }) => {
    const loaded = (count: number) => load(url, pid, subject, count);
    // A server that is warm from other calls has not compiled what a handshake needs.
    const perCpuSecond = await warmUp(loaded, LEAST, durations.warmUp);
    const measured = Math.max(LEAST, Math.ceil(perCpuSecond * durations.measured));
    const { cpuSeconds, negotiated: ours, ...figures } = await loaded(measured);
    const others = negotiated.get(subject.name) ?? ours;
    assert.equal(
      ours,
      others,
      `${subject.name}: ${name} negotiates the same as the others, so that the work is the same`,
    );
    negotiated.set(subject.name, ours);
    return { ...figures, cpuUsPerCall: (cpuSeconds / measured) * 1e6, rssMib: rssMibOf(pid) };
  });
}

/**
 * Makes so many handshakes, in turns of `bench/handshake-client`. Rejects unless all of them are completed, and of the
 * wanted kind. The CPU time is without the handshakes that bring the client its tickets.
 */
async function load(
  url: string,
  pid: number,
  { version, kind }: Handshakes,
  count: number,
): Promise<Load & { cpuSeconds: number }> {
  const [command = "", ...args] = handshakeClient([new URL(url).port, version, kind, `${count}`]);
  const client = spawn(command, args, { cwd: root, stdio: ["pipe", "pipe", "inherit"], timeout: LIMIT_MS });
  const ended = once(client, "close");
  const lines = createInterface(client.stdout)[Symbol.asyncIterator]();
  const { value: ready } = await lines.next();
  const before = cpuSecondsOf(pid);
  if (ready === "ready") client.stdin.end("\n");
  const { value: figures } = await lines.next();
  const cpuSeconds = cpuSecondsOf(pid) - before;
  const [code, signal] = await ended;
  if (code !== 0 || figures === undefined) throw new Failure(`the client of handshakes ended with ${code ?? signal}.`);
  return { ...(JSON.parse(figures) as Load), cpuSeconds };
}
