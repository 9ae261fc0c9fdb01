// examples/deployment: the guide quotes its files, they agree with each other, and the server does what they rely on.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { eventually } from "./support/eventually.ts";
import { freePort } from "./support/ports.ts";
import { startExample } from "./support/program.ts";

const read = (file: string) => readFileSync(new URL(`../${file}`, import.meta.url), "utf8");
const file = (name: string) => read(`examples/deployment/${name}`);
const trimmed = (text: string) => text.replace(/^ +/gm, "");

const guide = read("docs/guide/deployment.md");
const kubernetes = file("kubernetes.yaml");
const unit = file("greeter.service");

/** What the one match of a pattern captures. */
function only(text: string, pattern: RegExp): string {
  const [match, ...others] = text.matchAll(new RegExp(pattern, "gm"));
  assert.deepEqual(others, [], `one line is like ${pattern}`);
  return match?.[1] ?? assert.fail(`no line is like ${pattern}`);
}

/** The value of an option of the server, which it gives as a number. */
const option = (name: string) => Number(only(file("server.ts"), RegExp(`\\b${name}: ([\\d_]+),`)).replaceAll("_", ""));

/** The paths of the probes by their names. */
const probes = new Map(
  [...kubernetes.matchAll(/(\w+)Probe:\n +httpGet: \{ path: (\S+), port: (\w+) \}/g)].map(([, name, path, port]) => {
    assert.equal(port, "grpc");
    return [name ?? "", path ?? ""];
  }),
);

for (const [language, name, isWhole] of [
  ["ts", "server.ts", false],
  ["dockerfile", "Dockerfile", true],
  ["gitignore", ".dockerignore", true],
  ["yaml", "kubernetes.yaml", true],
  ["ini", "greeter.service", true],
] as const) {
  test(`the guide quotes ${name}`, () => {
    const block = only(guide, RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``));
    if (isWhole) assert.equal(block, file(name));
    else assert.ok(trimmed(file(name)).includes(trimmed(block)), `${name} has no such lines:\n${block}`);
  });
}

test("the images differ in their base alone", () => {
  assert.equal(file("Dockerfile.alpine"), file("Dockerfile").replaceAll("node:24-slim", "node:24-alpine"));
});

test("the image gets the files that it copies, and no others", () => {
  const copied = [...file("Dockerfile").matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, names = ""]) =>
    names.split(" "),
  );
  const sent = [...file(".dockerignore").matchAll(/^!(.+)$/gm)].map(([, name]) => name);
  assert.deepEqual([...new Set(copied)].sort(), sent.sort());
});

test("image, pod, service and unit have one port, and start the same program", () => {
  const port = only(kubernetes, /name: grpc, containerPort: (\d+)/);
  assert.equal(only(kubernetes, /name: grpc, port: (\d+), targetPort: grpc/), port);
  for (const text of [file("Dockerfile"), unit]) assert.equal(only(text, /PORT=(\d+)$/), port);
  assert.equal(only(file("Dockerfile"), /^EXPOSE (\d+)$/), port);
  const entry: string[] = JSON.parse(only(file("Dockerfile"), /^ENTRYPOINT (.+)$/));
  assert.equal(`/usr/bin/${entry.join(" ")}`, only(unit, /^ExecStart=(.+)$/));
});

test("there is time for everything that stopping takes", () => {
  assert.doesNotMatch(kubernetes, /preStop/);
  const gracePeriod = Number(only(kubernetes, /GRACE_PERIOD_MS, value: "(\d+)"/));
  const stopping = option("timeout") + 500 + option("hookTimeout");
  const ofPod = 1_000 * Number(only(kubernetes, /terminationGracePeriodSeconds: (\d+)$/));
  assert.ok(ofPod > gracePeriod + stopping, `${ofPod} ms are too little`);
  const ofUnit = 1_000 * Number(only(unit, /^TimeoutStopSec=(\d+)$/));
  assert.ok(ofUnit > stopping, `${ofUnit} ms are too little`);
});

test("the limit of memory has room for the heap, for what clients make the server hold, and for a quarter beside", () => {
  const limit = 1_024 * Number(only(kubernetes, /limits: \{ memory: (\d+)Gi \}/));
  const heap = Number(only(kubernetes, /--max-old-space-size=(\d+)/));
  const held = Number(only(file("server.ts"), /maxBufferedBytes: (\d+) \* 1024 \* 1024/));
  assert.equal(heap + held, (limit * 3) / 4);
});

test("the server passes the probes of its manifest, fails readiness while it stops, and ends with 0", {
  timeout: 30_000,
}, async (t) => {
  assert.deepEqual([...probes.keys()].sort(), ["liveness", "readiness", "startup"]);
  const port = await freePort();
  const env = { LISTEN: "127.0.0.1", PORT: `${port}`, GRACE_PERIOD_MS: "2000" };
  const program = startExample(t, "deployment/server", env);
  await program.line(/^Server listening/);
  const url = `http://127.0.0.1:${port}`;
  for (const path of probes.values()) await eventually(async () => (await fetch(url + path)).status === 200, path);
  program.kill("SIGTERM");
  await program.line(/^Received SIGTERM/);
  await eventually(async () => (await fetch(url + probes.get("readiness"))).status === 503, "not ready");
  assert.equal((await fetch(url + probes.get("liveness"))).status, 200);
  const call = { method: "POST", headers: { "content-type": "application/json" }, body: '{"name":"Ada"}' };
  const answer = await fetch(`${url}/hello.v1.Greeter/Greet`, call);
  assert.deepEqual(await answer.json(), { greeting: "Hello, Ada!" });
  const { code, signal, stderr } = await program.exited;
  assert.deepEqual([code, signal, stderr], [0, null, ""]);
});
