// Recordings that were edited by hand: what is wrong in which line.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { test } from "node:test";
import { Code, createClient } from "@connectrpc/connect";
import { assertConnectError, replay } from "@connectum/testing";
import { EchoService } from "../../../../proto/gen/connectum/test/v1/echo_pb.ts";

const folder = mkdtempSync(join(tmpdir(), "recordings-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, "calls.jsonl");
const name = basename(file);
const clientOf = () => createClient(EchoService, replay(file));
const failing = (promise: Promise<unknown>) =>
  promise.then(
    () => assert.fail("it fails"),
    (thrown: unknown) => thrown,
  );

async function* texts(...all: string[]) {
  for (const text of all) yield { text };
}

const SERVICE = "connectum.test.v1.EchoService";
const rightLine = {
  method: `${SERVICE}/Echo`,
  headers: {},
  requests: [{ text: "a" }],
  readAll: true,
  header: [["x-a", "b"]],
  responses: [{ after: 1, message: { text: "ok" } }],
  trailer: [],
};
const rightError = { code: "not_found", message: "no", details: [{ type: "a.B", value: "AQ==" }], metadata: [] };

for (const [fields, complaint] of [
  [{ method: "Echo" }, 'method must be the name of a method, not "Echo"'],
  [{ headers: null }, "headers must be an object, not null"],
  [{ headers: { "x-a": 5 } }, 'headers must have names of headers, each with a text or null, not "x-a": 5'],
  [{ requests: {} }, "requests must be an array, not an object"],
  [{ readAll: undefined }, "readAll must be true or false, not undefined"],
  [{ header: [5] }, 'header[0] must be ["name","value"] of a header, not 5'],
  [{ header: [["bad name", "x"]] }, 'header[0] must be ["name","value"] of a header, not an array'],
  [{ trailer: [["x-a"]] }, 'trailer[0] must be ["name","value"] of a header, not an array'],
  [{ responses: [5] }, "responses[0] must be an object, not 5"],
  [{ responses: [{ after: 1 }] }, "responses[0].message is missing"],
  [{ responses: [{ after: -1, message: {} }] }, "responses[0].after must be a number of requests, not -1"],
  [{ responses: [{ after: 0.5, message: {} }] }, "responses[0].after must be a number of requests, not 0.5"],
  [{ responses: [{ after: 2, message: {} }] }, "responses[0].after must be at most 1, the number of requests"],
  [{ responses: [{ after: 1, ended: 1, message: {} }] }, "responses[0].ended must be true, or absent, not 1"],
  [
    { responses: [{ after: 1, message: { $binary: "%" } }] },
    'responses[0].message.$binary must be a text in base64, not "%"',
  ],
  [{ error: 5 }, "error must be an object, not 5"],
  [{ error: null }, "error must be an object, not null"],
  [{ error: {} }, "error.code must be the name of a code, such as not_found, not undefined"],
  [{ error: { ...rightError, code: "zzz" } }, 'error.code must be the name of a code, such as not_found, not "zzz"'],
  [{ error: { ...rightError, message: 5 } }, "error.message must be a text, not 5"],
  [
    { error: { ...rightError, details: [{ type: "a.B", value: "%" }] } },
    'error.details[0].value must be a text in base64, not "%"',
  ],
  [{ error: { ...rightError, metadata: {} } }, "error.metadata must be an array, not an object"],
] as const) {
  // contract: REC-bad
  test(`a line that was edited is checked when it is read: ${complaint}`, () => {
    writeFileSync(file, `\n\n${JSON.stringify({ ...rightLine, ...fields })}\n`);
    const right = 'a recorded call: {"method":"shop.v1.Orders/Get","headers":{},"requests":[{}], …}';
    const message = `replay: line 3 of ${name} is not ${right}. ${complaint}`;
    assert.throws(() => replay(file), { name: "TypeError", message });
  });
}

// contract: REC-bad
test("a byte order mark, empty lines and CRLF are no mistakes", async () => {
  writeFileSync(
    file,
    `\uFEFF${JSON.stringify(rightLine)}\r\n\r\n${JSON.stringify({ ...rightLine, error: rightError })}\r\n`,
  );
  const client = clientOf();
  assert.equal((await client.echo({ text: "a" })).text, "ok");
  assertConnectError(await failing(client.echo({ text: "a" })), Code.NotFound, "no");
});

// contract: REC-bad
test("a response that is none of the method is data_loss, with its line", async () => {
  const method = `${SERVICE}/EchoClientStream`;
  const lines: object[] = [
    { responses: [] },
    { responses: [{ after: 1, message: { text: 5 } }] },
    { responses: [{ after: 1, message: null }] },
    { method, responses: [] },
    { method, responses: [{ after: 1, message: { $binary: "////" } }] },
  ];
  writeFileSync(file, lines.map((fields) => JSON.stringify({ ...rightLine, ...fields })).join("\n"));
  const client = clientOf();
  for (const [line, isStream, text] of [
    [1, false, `has neither a response nor an error, and ${SERVICE}/Echo has one response`],
    [2, false, "is no connectum.test.v1.EchoResponse: cannot decode field connectum.test.v1.EchoResponse.text"],
    [3, false, "is no connectum.test.v1.EchoResponse: cannot decode"],
    [4, true, `has neither a response nor an error, and ${method} has one response`],
    [5, true, "is no connectum.test.v1.EchoResponse: "],
  ] as const) {
    const error = await failing(isStream ? client.echoClientStream(texts("a")) : client.echo({ text: "a" }));
    assertConnectError(error, Code.DataLoss, `line ${line} of ${name} ${text}`);
  }
});
