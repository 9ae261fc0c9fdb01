// buf curl: connect-go, with all three protocols, and reflection in the protocol of the call. Reflection needs HTTP/2;
// with a schema file it also calls over HTTP/1.1.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { create, toBinary } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import type { ServiceRoute } from "@connectum/core";
import { ServingStatus } from "@connectum/healthcheck";
import { EchoResponseSchema } from "../../proto/gen/connectum/test/v1/echo_pb.ts";
import { certificatePath } from "../support/certificates.ts";
import { FAIL, refusal } from "../support/echo-server.ts";
import { runProgram } from "../support/run-program.ts";
import { echoQuestions, jsonDocuments } from "./echo-questions.ts";
import { ECHO, SERVICES, startJudgedServer } from "./judged-server.ts";
import { mountSyntaxes, syntaxQuestions } from "./syntax-questions.ts";

const program = path("../../node_modules/.bin/buf");
const timeLimit = { timeout: 60_000 };

/** The protocols, each with the content type of its streams. */
const protocols = {
  grpc: "application/grpc",
  grpcweb: "application/grpc-web+proto",
  connect: "application/connect+proto",
};
type Protocol = keyof typeof protocols;

/** The versions of reflection, each with its service. */
const reflections = {
  "grpc-v1": "grpc.reflection.v1.ServerReflection",
  "grpc-v1alpha": "grpc.reflection.v1alpha.ServerReflection",
};

const methods = [
  ...["Echo", "EchoBidiStream", "EchoClientStream", "EchoGet", "EchoServerStream"].map((method) => `${ECHO}/${method}`),
  ...["Check", "List", "Watch"].map((method) => `grpc.health.v1.Health/${method}`),
  ...Object.values(reflections).map((service) => `${service}/ServerReflectionInfo`),
];

for (const protocol of Object.keys(protocols) as Protocol[]) {
  for (const [reflection, service] of Object.entries(reflections)) {
    for (const secure of [false, true]) {
      const how = `${protocol} by ${reflection} ${secure ? "over TLS" : "in the clear"}`;

      test(`buf curl ${how}: lists`, timeLimit, async (t) => {
        const { curl } = await start(t, protocol, secure);
        const services = await curl("", [], ["--reflect-protocol", reflection, "--list-services"]);
        assert.deepEqual([services.code, services.stdout], [0, `${SERVICES.join("\n")}\n`]);
        assert.deepEqual(services.requests, [[`/${service}/ServerReflectionInfo`, "HTTP/2.0", protocols[protocol]]]);
        const all = await curl("", [], ["--reflect-protocol", reflection, "--list-methods"]);
        assert.deepEqual([all.code, all.stdout], [0, `${methods.join("\n")}\n`]);
      });

      test(`buf curl ${how}: calls`, timeLimit, async (t) => {
        const { curl } = await start(t, protocol, secure);
        const flags = ["--reflect-protocol", reflection];
        for (const { method, requests, responses } of echoQuestions) {
          const { code, stdout, stderr } = await curl(`${ECHO}/${method}`, requests, flags);
          assert.equal(code, 0, stderr);
          assert.deepEqual(jsonDocuments(stdout), responses, method);
        }
        const refused = await curl(`${ECHO}/Echo`, [{ text: FAIL }], flags);
        assert.equal(refused.code, exitCode(refusal.code));
        const { details, ...error } = refused.error;
        assert.deepEqual(error, { code: "failed_precondition", message: refusal.text });
        const type = EchoResponseSchema.typeName;
        const value = Buffer.from(toBinary(EchoResponseSchema, create(EchoResponseSchema, { text: refusal.detail })));
        assert.deepEqual(
          details?.map((detail) => [detail.type, detail.value]),
          [[type, value.toString("base64").replace(/=+$/, "")]],
        );
      });
    }
  }

  test(`buf curl ${protocol}: messages of every syntax`, timeLimit, async (t) => {
    const { curl } = await start(t, protocol, false, [mountSyntaxes]);
    for (const { service, message } of syntaxQuestions) {
      const { code, stdout, stderr } = await curl(`${service.typeName}/Echo`, [message], []);
      assert.equal(code, 0, stderr);
      assert.deepEqual(jsonDocuments(stdout), [message]);
    }
  });

  test(`buf curl ${protocol}: health by reflection`, timeLimit, async (t) => {
    await judgeHealth(await start(t, protocol, false), "HTTP/2.0", ["--http2-prior-knowledge"]);
  });
}

for (const protocol of ["grpcweb", "connect"] as const) {
  test(`buf curl ${protocol} over HTTP/1.1: health with a schema file`, timeLimit, async (t) => {
    await judgeHealth(await start(t, protocol, false), "HTTP/1.1", [
      "--schema",
      path("../../packages/healthcheck/proto"),
    ]);
  });

  test(`buf curl ${protocol} over HTTP/1.1: half-duplex calls with a schema file`, timeLimit, async (t) => {
    const { curl } = await start(t, protocol, false);
    for (const { method, requests, responses } of echoQuestions) {
      if (method === "EchoBidiStream") continue;
      const response = await curl(`${ECHO}/${method}`, requests, ["--schema", path("../../proto")]);
      assert.deepEqual([response.code, jsonDocuments(response.stdout)], [0, responses], method);
      assert.deepEqual(
        response.requests.map(([, version]) => version),
        ["HTTP/1.1"],
      );
    }
  });
}

async function judgeHealth({ curl, manager }: Awaited<ReturnType<typeof start>>, version: string, flags: string[]) {
  const check = async (service: string) => {
    const { code, stdout, error, requests } = await curl("grpc.health.v1.Health/Check", [{ service }], flags);
    assert.deepEqual([...new Set(requests.map(([, spoken]) => spoken))], [version]);
    return [code, code === 0 ? JSON.parse(stdout) : error];
  };
  const healthy = [0, { status: "SERVING" }];
  const unhealthy = [0, { status: "NOT_SERVING" }];
  assert.deepEqual(await check(""), healthy);
  assert.deepEqual(await check(ECHO), healthy);
  const unknown = { code: "not_found", message: "Service 'no.Such' not found" };
  assert.deepEqual(await check("no.Such"), [exitCode(Code.NotFound), unknown]);
  manager.update(ServingStatus.NOT_SERVING, ECHO);
  assert.deepEqual(await check(""), unhealthy);
  assert.deepEqual(await check(ECHO), unhealthy);
}

/** Its exit code for a call that failed. */
function exitCode(code: Code): number {
  return code << 3;
}

function path(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}

/** Its output for a call that failed. */
interface BufError {
  readonly code: string;
  readonly message: string;
  readonly details?: { readonly type: string; readonly value: string }[];
}

/** A server, and buf curl, which gets only its address and these flags. */
async function start(t: TestContext, protocol: Protocol, secure: boolean, services: ServiceRoute[] = []) {
  const { url, manager } = await startJudgedServer(t, { secure, services });
  const security = secure ? ["--cacert", certificatePath("ca.crt")] : [];
  const curl = async (method: string, messages: readonly object[], flags: string[]) => {
    const input = messages.map((message) => JSON.stringify(message)).join("\n");
    const data = messages.length > 0 ? ["-d", "@-"] : [];
    const args = ["curl", "-v", "--protocol", protocol, ...security, ...data, ...flags, `${url}/${method}`];
    const { code, stdout, stderr } = await runProgram(program, args, input, t.signal);
    // From its verbose output, by request: path, HTTP version, content type.
    const requests = [...stderr.matchAll(/^buf: > \((#\d+)\) POST (\S+)$/gm)].map(([, number, path]) => {
      const [, version] = new RegExp(`^buf: < \\(${number}\\) (HTTP/\\S+) `, "m").exec(stderr) ?? [];
      const [, type] = new RegExp(`^buf: > \\(${number}\\) Content-Type: (\\S+)$`, "m").exec(stderr) ?? [];
      return [path, version, type];
    });
    const output = stderr
      .split("\n")
      .filter((line) => !line.startsWith("buf: "))
      .join("\n");
    const error = (output.startsWith("{") ? JSON.parse(output) : { code: "none", message: output }) as BufError;
    return { code, stdout: stdout.toString(), stderr, error, requests };
  };
  return { curl, manager };
}
