// The workflows of .github agree with the repository: platforms, scripts and commands. They run on GitHub only.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { PLATFORMS } from "../scripts/platforms.mjs";

const root = new URL("../", import.meta.url);
const folder = new URL(".github/workflows/", root);
const workflows = readdirSync(folder).map((file) => [file, readFileSync(new URL(file, folder), "utf8")] as const);

/** The jobs of a workflow, by their names. They are indented once, and come last. */
function jobsOf(text: string): ReadonlyMap<string, string> {
  const [, jobs = ""] = text.split(/^jobs:\n/m);
  const [, ...parts] = jobs.split(/^ {2}(\w+):\n/m);
  return new Map(parts.flatMap((name, at) => (at % 2 === 0 ? [[name, parts[at + 1] ?? ""] as const] : [])));
}

for (const [file, text] of workflows) {
  test(`${file}: every job has a time limit, and no permission but what it names`, () => {
    assert.match(text, /^permissions:\n {2}contents: read\n/m);
    const jobs = jobsOf(text);
    assert.ok(jobs.size > 1, "it has jobs");
    for (const [name, job] of jobs) assert.match(job, /^ {4}timeout-minutes: \d+$/m, name);
  });

  test(`${file}: the scripts that it runs exist`, () => {
    const { scripts } = JSON.parse(readFileSync(new URL("package.json", root), "utf8"));
    const commands = [...text.matchAll(/npm (?:run )?(\w+)(?= --|$)/gm)].map(([, name = ""]) => name);
    const programs = [...text.matchAll(/node (scripts\/[\w-]+\.mjs)/g)].map(([, path = ""]) => path);
    assert.ok(commands.length + programs.length > 3, "it runs some");
    assert.deepEqual(
      commands.filter((name) => !(name in scripts)),
      [],
    );
    assert.deepEqual(
      programs.filter((path) => !existsSync(new URL(path, root))),
      [],
    );
  });
}

const release = jobsOf(workflows.find(([file]) => file === "release.yml")?.[1] ?? "");
for (const job of ["addon", "smoke"]) {
  test(`release.yml: the job ${job} has each platform once`, () => {
    const platforms = [...(release.get(job) ?? "").matchAll(/platform: ([\w-]+)/g)].map(([, name]) => name);
    assert.deepEqual(
      platforms.sort(),
      PLATFORMS.map(({ name }) => name),
    );
  });
}
