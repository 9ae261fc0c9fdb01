// curl: plain Connect requests in JSON, over HTTP/1.1, with an Upgrade to HTTP/2 that is ignored, and over HTTP/2. It
// sends all requests before it reads a response.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { create, fromJsonString, toJsonString } from "@bufbuild/protobuf";
import { Code, ConnectError, encodeBinaryHeader } from "@connectrpc/connect";
import { endStreamFromJson, errorFromJson, trailerDemux } from "@connectrpc/connect/protocol-connect";
import { EchoRequestSchema, EchoResponseSchema, EchoService } from "../../proto/gen/connectum/test/v1/echo_pb.ts";
import { certificatePath } from "../support/certificates.ts";
import { startEchoServer } from "../support/echo-server.ts";
import { END_STREAM, envelope, splitEnvelopes } from "../support/envelope.ts";
import { startExample } from "../support/program.ts";
import { runProgram } from "../support/run-program.ts";
import { testClient } from "./client-table.ts";
import { allRequests, type Caller, type EchoAnswer, type EchoCall, methods } from "./echo-call.ts";

/** Flags, and the HTTP version that results from them: in plaintext, over TLS. */
const versions: [flag: string, clear: string, secure: string][] = [
  ["--http1.1", "1.1", "1.1"],
  ["--http2", "1.1", "2"],
  ["--http2-prior-knowledge", "2", "2"],
];

for (const [flag, clear, secure] of versions) {
  testClient({
    name: `curl ${flag}`,
    speaks: /^application\/(connect\+)?json$/,
    duplex: false,
    connect: (_, url) => callerTo(url, flag),
  });

  for (const [how, isSecure, version] of [
    ["in the clear", false, clear],
    ["over TLS", true, secure],
  ] as const) {
    test(`curl ${flag} ${how}: a GET gets its response over HTTP/${version}`, {
      timeout: 30_000,
    }, async (t: TestContext) => {
      const { url } = await startEchoServer(t, isSecure);
      const query = `?connect=v1&encoding=json&message=${encodeURIComponent('{"text":"grüße"}')}`;
      const target = `${url}/${EchoService.typeName}/EchoGet${query}`;
      const response = await curl([flag, target], "", new AbortController().signal);
      assert.deepEqual(response.statusLines, [`HTTP/${version} 200${version === "2" ? " " : " OK"}`]);
      assert.equal(response.version, version);
      assert.equal(response.headers.get("content-type"), "application/json");
      assert.deepEqual(JSON.parse(response.body.toString()), { text: "grüße" });
    });
  }
}

function callerTo(url: string, flag: string): Caller {
  return async (call) => {
    const isUnary = call.kind === "unary";
    const messages = (await allRequests(call)).map((request) =>
      toJsonString(EchoRequestSchema, create(EchoRequestSchema, request)),
    );
    const headers = [
      ["content-type", isUnary ? "application/json" : "application/connect+json"],
      ["connect-protocol-version", "1"],
      ...(call.timeoutMs === undefined ? [] : [["connect-timeout-ms", `${call.timeoutMs}`]]),
      ...call.metadata.map(([name, value]) => [name, typeof value === "string" ? value : encodeBinaryHeader(value)]),
    ];
    const args = [
      flag,
      ...headers.flatMap(([name, value]) => ["--header", `${name}: ${value}`]),
      ...["--data-binary", "@-", `${url}/${EchoService.typeName}/${methods[call.kind]}`],
    ];
    const body = isUnary
      ? Buffer.from(messages[0] ?? "")
      : Buffer.concat(messages.map((message) => envelope(Buffer.from(message))));
    const response = await curl(args, body, call.signal);
    return isUnary ? readUnary(call, response) : readStream(call, response);
  };
}

interface Response {
  readonly statusLines: string[];
  readonly headers: Headers;
  readonly body: Buffer;
  /** The HTTP version of the response. */
  readonly version: string;
}

async function curl(args: string[], input: string | Uint8Array, signal: AbortSignal): Promise<Response> {
  const ours = ["--silent", "--show-error", "--noproxy", "*", "--cacert", certificatePath("ca.crt")];
  const reports = ["--include", "--write-out", "%{stderr}%{http_version}"];
  const { code, stdout, stderr } = await runProgram("curl", [...ours, ...reports, ...args], input, signal);
  assert.equal(code, 0, stderr);

  const statusLines: string[] = [];
  let headers = new Headers();
  let body = stdout;
  // An interim response has a head, too; the last head is that of the final response.
  while (body.toString("latin1", 0, 5) === "HTTP/") {
    const end = body.indexOf("\r\n\r\n");
    const [statusLine = "", ...lines] = body.toString("latin1", 0, end).split("\r\n");
    statusLines.push(statusLine);
    headers = new Headers(lines.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1)]));
    body = body.subarray(end + 4);
  }
  return { statusLines, headers, body, version: stderr };
}

function readUnary(call: EchoCall, { statusLines, headers, body }: Response): EchoAnswer {
  const [header, trailer] = trailerDemux(headers);
  if (!/^HTTP\/\S+ 200/.test(statusLines[0] ?? "")) {
    throw errorFromJson(JSON.parse(body.toString()), header, new ConnectError(statusLines.join(), Code.Unknown));
  }
  call.onMessage(fromJsonString(EchoResponseSchema, body.toString()));
  return { header, trailer };
}

function readStream(call: EchoCall, { headers, body }: Response): EchoAnswer {
  const { envelopes, rest } = splitEnvelopes(body);
  assert.equal(rest.length, 0);
  const last = envelopes.pop();
  assert.ok(last?.flags === END_STREAM, "the stream has an end");
  for (const { data } of envelopes) call.onMessage(fromJsonString(EchoResponseSchema, Buffer.from(data).toString()));
  const { metadata, error } = endStreamFromJson(last.data);
  if (error !== undefined) throw error;
  return { header: headers, trailer: metadata };
}

// On a loopback address that only Linux has, because the port is fixed.
test("examples/quickstart/quick-start.ts: calls and health are answered", {
  timeout: 30_000,
}, async (t: TestContext) => {
  const address = "127.5.0.2";
  const program = startExample(t, "quickstart/quick-start", { LISTEN: address });
  await program.line(/^Server listening/);
  const curl = async (path: string, ...args: string[]) => {
    const { stdout } = await runProgram("curl", ["-s", ...args, `http://${address}:5000${path}`], "", t.signal);
    return JSON.parse(stdout.toString());
  };
  const greet = ["-d", '{"name":"Ada"}', "-H", "content-type: application/json"];
  assert.deepEqual(await curl("/hello.v1.Greeter/Greet", ...greet), { greeting: "Hello, Ada!" });
  assert.equal((await curl("/healthz")).status, "SERVING");
});
