// Headers of a response in process: what a handler may send is what it may send over the wire.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { RESERVED, responseHeaders } from "./local-headers.ts";

test("the fields that only the protocols may write are those of Rust", () => {
  const source = readFileSync(new URL("../../../../src/protocol/metadata.rs", import.meta.url), "utf8");
  const [, list = ""] = /RESERVED_BY_PROTOCOLS: \[&str; \d+\] = \[(.*?)\];/s.exec(source) ?? [];
  const names = [...list.matchAll(/"([\w-]+)"/g)].map(([, name]) => name);
  assert.ok(names.length > 10);
  assert.deepEqual([...RESERVED].sort(), names.sort());
});

test("blocks follow each other, repeated values stay, and reserved fields are left out", () => {
  const headers = responseHeaders(["x-a", "1", "content-length", "5"], null, ["x-a", "2", "x-b", "3"]);
  assert.deepEqual(
    [...headers],
    [
      ["x-a", "1, 2"],
      ["x-b", "3"],
    ],
  );
});
