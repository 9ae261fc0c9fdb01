import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Code, createClient } from "@connectrpc/connect";
import { assertConnectError, recordServer, replay, withTestServer } from "@connectum/testing";
import { Greeter } from "../guide/gen/greeter_pb.ts";
import { greeter } from "./greeter.ts";

test("a client gets from the recording what it got from the server", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "testing-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "calls.jsonl");

  await withTestServer({ services: [greeter], beforeStart: (server) => recordServer(server, file) }, ({ transport }) =>
    createClient(Greeter, transport).greet({ name: "Ada" }),
  );

  const client = createClient(Greeter, replay(file));
  assert.equal((await client.greet({ name: "Ada" })).greeting, "Hello, Ada!");
  const error = await client.greet({ name: "Grace" }).catch((thrown) => thrown);
  assertConnectError(error, Code.InvalidArgument, "differs from the call in calls.jsonl");
});
