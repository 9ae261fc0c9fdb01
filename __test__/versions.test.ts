// All packages, platforms, examples and the crate have one version, and a release steps all of them and CHANGELOG.md.
import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { releaseChangelog } from "../scripts/changelog.mjs";
import { PLATFORMS } from "../scripts/platforms.mjs";
import { complaintsAbout, currentVersion, readPlaces, writePlaces } from "../scripts/version-places.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const places = readPlaces(root);

test("every place has the version of packages/native", () => {
  assert.deepEqual(complaintsAbout(places, currentVersion(root)), []);
});

test("packages, what they need of each other, platforms, examples, the crate and the lock file are such places", () => {
  const found = new Set(places.map(({ file, name }) => `${file}: ${name}`));
  for (const place of [
    "packages/core/package.json: @connectum/core",
    "packages/core/package.json: @connectum/native",
    "packages/healthcheck/package.json: @connectum/core",
    ...PLATFORMS.map(({ name }) => `npm/${name}/package.json: @connectum/native-${name}`),
    "examples/hello/package.json: @connectum/core",
    "Cargo.toml: connectum-native",
    "Cargo.lock: connectum-native",
    "fuzz/Cargo.lock: connectum-native",
    "package-lock.json: @connectum/core",
  ]) {
    assert.ok(found.has(place), place);
  }
});

test("a version is written to every place but the lock file of npm, and a place with another is named", () => {
  const copy = mkdtempSync(join(tmpdir(), "connectum-versions-"));
  try {
    for (const file of new Set(places.map((place) => place.file))) {
      mkdirSync(join(copy, dirname(file)), { recursive: true });
      cpSync(join(root, file), join(copy, file));
    }
    writePlaces(copy, "91.2.0-next.0");
    const written = readPlaces(copy);
    assert.equal(written.length, places.length);
    const complaints = complaintsAbout(written, "91.2.0-next.0");
    assert.ok(complaints.every((complaint) => complaint.startsWith("package-lock.json: ")));
    const version = currentVersion(root);
    assert.ok(complaints.includes(`package-lock.json: @connectum/core is ${version}, not 91.2.0-next.0`));
  } finally {
    rmSync(copy, { recursive: true });
  }
});

test("what is unreleased in CHANGELOG.md gets the version and the date, and nothing else changes", () => {
  const text = "# Changes\n\n## Unreleased\n\n### Added\n\n- A thing.\n\n## 0.1.0 - 2026-11-01\n\n- The first.\n";
  assert.equal(
    releaseChangelog(text, "0.2.0", "2026-12-01"),
    "# Changes\n\n## Unreleased\n\n## 0.2.0 - 2026-12-01\n\n### Added\n\n- A thing.\n\n## 0.1.0 - 2026-11-01\n\n- The first.\n",
  );
});

for (const [what, text, message] of [
  ["nothing is unreleased", "# Changes\n\n## Unreleased\n\n## 0.1.0 - 2026-11-01\n\n- The first.\n", /nothing under/],
  ["nothing but headings is unreleased", "## Unreleased\n\n### Added\n\n### Fixed\n", /nothing under/],
  ["there is no such section", "# Changes\n\n- A thing.\n", /has no "## Unreleased"/],
] as const) {
  test(`there is no release when ${what}`, () => {
    assert.throws(() => releaseChangelog(text, "0.2.0", "2026-12-01"), { message });
  });
}
