// grpcurl: grpc-go, which knows our services only from reflection. It uses v1, or v1alpha if v1 is missing.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { ServingStatus } from "@connectum/healthcheck";
import { EchoService } from "../../proto/gen/connectum/test/v1/echo_pb.ts";
import { certificatePath } from "../support/certificates.ts";
import { FAIL, refusal } from "../support/echo-server.ts";
import { judgePath } from "../support/judge-path.ts";
import { startExample } from "../support/program.ts";
import { runProgram } from "../support/run-program.ts";
import { echoQuestions, jsonDocuments } from "./echo-questions.ts";
import { ECHO, type JudgedServerOptions, SERVICES, startJudgedServer } from "./judged-server.ts";
import { mountSyntaxes, proto2Question, syntaxQuestions } from "./syntax-questions.ts";

const V1 = "grpc.reflection.v1.ServerReflection";
const V1ALPHA = "grpc.reflection.v1alpha.ServerReflection";
/** The exit code for a failed call is its status plus this. */
const FAILED = 64;
const timeLimit = { timeout: 60_000 };

const pass: Interceptor = (next) => (request) => next(request);
const refuseV1: Interceptor = (next) => async (request) => {
  if (request.service.typeName === V1) throw new ConnectError("there is only v1alpha", Code.Unimplemented);
  return await next(request);
};

/** How the server is reached, and the interceptors around its reflection. */
const ways: { how: string; secure: boolean; interceptors: Interceptor[] }[] = [
  { how: "in the clear", secure: false, interceptors: [] },
  { how: "over TLS", secure: true, interceptors: [] },
  { how: "through an interceptor", secure: false, interceptors: [pass] },
  { how: "where there is no v1", secure: false, interceptors: [refuseV1] },
];

/** The output of `describe`. */
const descriptions: Record<string, string> = {
  [ECHO]: `${ECHO} is a service:
service EchoService {
  rpc Echo ( .connectum.test.v1.EchoRequest ) returns ( .connectum.test.v1.EchoResponse );
  rpc EchoBidiStream ( stream .connectum.test.v1.EchoRequest ) returns ( stream .connectum.test.v1.EchoResponse );
  rpc EchoClientStream ( stream .connectum.test.v1.EchoRequest ) returns ( .connectum.test.v1.EchoResponse );
  rpc EchoGet ( .connectum.test.v1.EchoRequest ) returns ( .connectum.test.v1.EchoResponse ) {
    option idempotency_level = NO_SIDE_EFFECTS;
  }
  rpc EchoServerStream ( .connectum.test.v1.EchoRequest ) returns ( stream .connectum.test.v1.EchoResponse );
}
`,
  [`${ECHO}.EchoServerStream`]: `${ECHO}.EchoServerStream is a method:
rpc EchoServerStream ( .connectum.test.v1.EchoRequest ) returns ( stream .connectum.test.v1.EchoResponse );
`,
  "connectum.test.v1.EchoRequest": `connectum.test.v1.EchoRequest is a message:
message EchoRequest {
  string text = 1;
  int32 count = 2;
  bytes payload = 3;
}
`,
  "connectum.test.v1.EchoRequest.count": `connectum.test.v1.EchoRequest.count is a field:
int32 count = 2;
`,
  "grpc.health.v1.HealthCheckResponse.ServingStatus": `grpc.health.v1.HealthCheckResponse.ServingStatus is an enum:
enum ServingStatus {
  UNKNOWN = 0;
  SERVING = 1;
  NOT_SERVING = 2;
  SERVICE_UNKNOWN = 3;
}
`,
};

for (const { how, ...options } of ways) {
  test(`grpcurl ${how}: list`, timeLimit, async (t) => {
    const { grpcurl } = await start(t, options);
    assert.deepEqual(await grpcurl("list"), said(`${SERVICES.join("\n")}\n`));
    const methods = ["Echo", "EchoBidiStream", "EchoClientStream", "EchoGet", "EchoServerStream"];
    assert.deepEqual(await grpcurl(`list ${ECHO}`), said(methods.map((method) => `${ECHO}.${method}\n`).join("")));
  });

  test(`grpcurl ${how}: describe`, timeLimit, async (t) => {
    const { grpcurl } = await start(t, options);
    for (const [symbol, text] of Object.entries(descriptions)) {
      assert.deepEqual(await grpcurl(`describe ${symbol}`), said(text));
    }
    const { stdout } = await grpcurl("describe");
    const services = [...stdout.matchAll(/^(\S+) is a service:$/gm)].map(([, service]) => service);
    assert.deepEqual(services, SERVICES);
    for (const symbol of ["no.Such", `${ECHO}.No`, "connectum.test.v1"]) {
      const { code, stderr } = await grpcurl(`describe ${symbol}`);
      assert.equal(code, 1);
      assert.match(stderr, /^Failed to resolve symbol/);
    }
  });

  test(`grpcurl ${how}: calls`, timeLimit, async (t) => {
    const { grpcurl } = await start(t, options);
    for (const { method, requests, responses } of echoQuestions) {
      const { code, stdout, stderr } = await grpcurl(`${ECHO}/${method}`, requests);
      assert.deepEqual([code, stderr, jsonDocuments(stdout)], [0, "", responses], method);
    }
    const refused = await grpcurl(`${ECHO}/Echo`, [{ text: FAIL }]);
    assert.equal(refused.code, FAILED + refusal.code);
    assert.deepEqual(JSON.parse(refused.stderr), {
      code: refusal.code,
      message: refusal.text,
      details: [{ "@type": "type.googleapis.com/connectum.test.v1.EchoResponse", text: refusal.detail }],
    });
  });

  test(`grpcurl ${how}: health`, timeLimit, async (t) => {
    const { grpcurl, manager } = await start(t, options);
    const check = async (service: string) => {
      const { code, stdout, stderr } = await grpcurl("grpc.health.v1.Health/Check", [{ service }]);
      return JSON.parse(code === 0 ? stdout : stderr);
    };
    assert.deepEqual(await check(""), { status: "SERVING" });
    assert.deepEqual(await check(ECHO), { status: "SERVING" });
    assert.deepEqual(await check("no.Such"), { code: Code.NotFound, message: "Service 'no.Such' not found" });
    manager.update(ServingStatus.NOT_SERVING, ECHO);
    const unhealthy = { status: "NOT_SERVING" };
    assert.deepEqual(await check(""), unhealthy);
    assert.deepEqual(await check(ECHO), unhealthy);

    const list = await grpcurl("grpc.health.v1.Health/List", [{}]);
    assert.deepEqual(JSON.parse(list.stdout), { statuses: { "": unhealthy, [ECHO]: unhealthy } });
    const watch = await grpcurl("grpc.health.v1.Health/Watch", [{ service: ECHO }], ["-max-time", "2"]);
    assert.equal(watch.code, FAILED + Code.DeadlineExceeded);
    assert.deepEqual(jsonDocuments(watch.stdout), [unhealthy]);
  });

  test(
    `grpcurl ${how}: the files that it gets are complete, and equal the sources of the generated code`,
    timeLimit,
    async (t) => {
      const { grpcurl } = await start(t, { ...options, services: [mountSyntaxes] });
      const folder = mkdtempSync(join(tmpdir(), "connectum-grpcurl-"));
      t.after(() => rmSync(folder, { recursive: true }));
      for (const service of [EchoService, ...syntaxQuestions.map(({ service }) => service)]) {
        const file = join(folder, `${service.typeName}.binpb`);
        await grpcurl(`describe ${service.typeName}`, [], ["-protoset-out", file]);
        const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(file)));
        assert.deepEqual(registry.getService(service.typeName)?.file.proto, service.file.proto);
      }
    },
  );

  test(`grpcurl ${how}: extensions and groups`, timeLimit, async (t) => {
    const { grpcurl } = await start(t, { ...options, services: [mountSyntaxes] });
    // Its JSON supports neither FieldMask nor the delimited fields of editions; buf curl tests those.
    const { service, message } = proto2Question;
    const { code, stdout, stderr } = await grpcurl(`${service.typeName}/Echo`, [message]);
    assert.deepEqual([code, stderr, jsonDocuments(stdout)], [0, "", [message]]);
    const extension = "connectum.test.proto2.extra";
    assert.deepEqual(
      await grpcurl(`describe ${extension}`),
      said(
        `${extension} is an extension:\nextend .connectum.test.proto2.Proto2 {\n  optional string extra = 100;\n}\n`,
      ),
    );
  });

  test(
    `grpcurl ${how}: v1alpha can be called like any service, and an invalid request does not end its stream`,
    timeLimit,
    async (t) => {
      const { grpcurl } = await start(t, options);
      const requests = [
        { host: "example", listServices: "*" },
        { fileContainingSymbol: "no.Such" },
        { fileByFilename: "no.proto" },
        { fileContainingExtension: { containingType: "no.Such", extensionNumber: 1 } },
        { allExtensionNumbersOfType: "no.Such" },
        { allExtensionNumbersOfType: "connectum.test.v1.EchoRequest" },
        { listServices: "" },
      ];
      const { code, stdout, stderr } = await grpcurl(`${V1ALPHA}/ServerReflectionInfo`, requests);
      assert.deepEqual([code, stderr], [0, ""]);
      const services = { service: SERVICES.map((name) => ({ name })) };
      const answers = (jsonDocuments(stdout) as Answer[]).map(({ errorResponse, ...response }) =>
        errorResponse ? { ...response, error: errorResponse.errorCode } : response,
      );
      const expected = [
        { validHost: "example", listServicesResponse: services },
        ...Array(4).fill({ error: Code.NotFound }),
        { allExtensionNumbersResponse: { baseTypeName: "connectum.test.v1.EchoRequest" } },
        { listServicesResponse: services },
      ];
      assert.deepEqual(
        answers,
        requests.map((originalRequest, index) => ({ originalRequest, ...expected[index] })),
      );
    },
  );
}

// On a loopback address that only Linux has, because the port is fixed.
test("examples/quickstart/quick-start.ts: the greeter is found by reflection, and called", timeLimit, async (t) => {
  const address = "127.5.0.1";
  const program = startExample(t, "quickstart/quick-start", { LISTEN: address });
  await program.line(/^Server listening/);
  const grpcurl = (...args: string[]) => runProgram(judgePath("bin/grpcurl"), ["-plaintext", ...args], "", t.signal);
  const listed = await grpcurl(`${address}:5000`, "list");
  assert.match(listed.stdout.toString(), /^hello\.v1\.Greeter$/m);
  const greeted = await grpcurl("-d", '{"name":"Ada"}', `${address}:5000`, "hello.v1.Greeter/Greet");
  assert.deepEqual(JSON.parse(greeted.stdout.toString()), { greeting: "Hello, Ada!" });
});

/** A response of reflection; its error also has a readable text. */
interface Answer {
  readonly errorResponse?: { readonly errorCode: number };
}

/** Its output when it succeeds. */
function said(stdout: string) {
  return { code: 0, stdout, stderr: "" };
}

/** A server, and grpcurl, which gets only its address. */
async function start(t: TestContext, options: JudgedServerOptions) {
  const { address, manager } = await startJudgedServer(t, options);
  const security = options.secure ? ["-cacert", certificatePath("ca.crt")] : ["-plaintext"];
  const grpcurl = async (command: string, requests: readonly object[] = [], flags: string[] = []) => {
    const input = requests.map((request) => JSON.stringify(request)).join("\n");
    const data = requests.length > 0 ? ["-format-error", "-d", "@"] : [];
    const args = [...security, ...data, ...flags, address, ...command.split(" ")];
    const { code, stdout, stderr } = await runProgram(judgePath("bin/grpcurl"), args, input, t.signal);
    return { code, stdout: stdout.toString(), stderr };
  };
  return { grpcurl, manager };
}
