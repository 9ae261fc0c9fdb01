// grpcurl: grpc-go, from the command line. It sends all requests before it shows a response.
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { create, fromJsonString, toJsonString } from "@bufbuild/protobuf";
import { ConnectError } from "@connectrpc/connect";
import { EchoRequestSchema, EchoResponseSchema, EchoService } from "../../proto/gen/connectum/test/v1/echo_pb.ts";
import { certificatePath } from "../support/certificates.ts";
import { judgePath } from "../support/judge-path.ts";
import { runProgram } from "../support/run-program.ts";
import { testClient } from "./client-table.ts";
import { allRequests, type Caller, methods } from "./echo-call.ts";

const protos = fileURLToPath(new URL("../../proto", import.meta.url));

testClient({
  name: "grpcurl",
  speaks: /^application\/grpc$/,
  duplex: false,
  // Its deadline counts from the start of the program.
  deadlineMs: 1_500,
  connect: (_, url) => callerTo(url),
});

function callerTo(url: string): Caller {
  const { protocol, host } = new URL(url);
  const security = protocol === "https:" ? ["-cacert", certificatePath("ca.crt")] : ["-plaintext"];
  const source = ["-import-path", protos, "-proto", "connectum/test/v1/echo.proto"];
  return async (call) => {
    const headers = call.metadata.flatMap(([name, value]) => [
      "-H",
      `${name}: ${typeof value === "string" ? value : Buffer.from(value).toString("base64")}`,
    ]);
    const deadline = call.timeoutMs === undefined ? [] : ["-max-time", `${call.timeoutMs / 1000}`];
    const requests = (await allRequests(call)).map((request) =>
      toJsonString(EchoRequestSchema, create(EchoRequestSchema, request)),
    );
    const { code, stdout, stderr } = await runProgram(
      judgePath("bin/grpcurl"),
      [
        ...security,
        ...source,
        ...headers,
        ...deadline,
        ...["-v", "-format-error", "-d", "@", host, `${EchoService.typeName}/${methods[call.kind]}`],
      ],
      requests.join("\n"),
      call.signal,
    );

    const output = stdout.toString();
    for (const [, message = ""] of output.matchAll(/^Response contents:\n(\{[\s\S]*?^\}|\{\})$/gm)) {
      call.onMessage(fromJsonString(EchoResponseSchema, message));
    }
    const response = { header: fieldsIn(output, "headers"), trailer: fieldsIn(output, "trailers") };
    if (code !== 0) throw errorOf(code, stderr, response.trailer);
    return response;
  };
}

/** The fields below a title of its verbose output. */
function fieldsIn(output: string, what: "headers" | "trailers"): Headers {
  const [, block = ""] = new RegExp(`^Response ${what} received:\\n((?:\\S+: .*\\n)*)`, "m").exec(output) ?? [];
  return new Headers(
    block
      .split("\n")
      .filter((line) => line !== "")
      .map((line): [string, string] => [line.slice(0, line.indexOf(": ")), line.slice(line.indexOf(": ") + 2)]),
  );
}

/** The error that it printed as JSON. Its exit code is the status plus 64. */
function errorOf(exitCode: number, stderr: string, trailer: Headers): ConnectError {
  assert.ok(exitCode > 64 && stderr.startsWith("{"), `grpcurl failed with ${exitCode}: ${stderr}`);
  const {
    code,
    message,
    details = [],
  } = JSON.parse(stderr) as {
    code: number;
    message: string;
    details?: { "@type": string; text: string }[];
  };
  assert.equal(code, exitCode - 64);
  const known = details.map(({ "@type": type, text }) => {
    assert.equal(type, `type.googleapis.com/${EchoResponseSchema.typeName}`);
    return { desc: EchoResponseSchema, value: { text } };
  });
  return new ConnectError(message, code, trailer, known);
}
