// Python's grpcio-health-checking and grpcio-reflection, on gRPC's C core. python-judge.py makes the calls, and prints
// the responses as lines of JSON. Its reflection is v1alpha.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { ServingStatus } from "@connectum/healthcheck";
import { certificatePath } from "../support/certificates.ts";
import { judgePath } from "../support/judge-path.ts";
import { echoQuestions } from "./echo-questions.ts";
import { ECHO, type JudgedServer, SERVICES, startJudgedServer } from "./judged-server.ts";
import { mountSyntaxes, proto2Question, syntaxQuestions } from "./syntax-questions.ts";

const { SERVING, NOT_SERVING } = ServingStatus;
const timeLimit = { timeout: 60_000 };

for (const secure of [false, true]) {
  const how = secure ? "over TLS" : "in the clear";

  test(`Python grpcio-health-checking ${how}: check`, timeLimit, async (t) => {
    const judged = await startJudgedServer(t, { secure });
    judged.manager.set("database", NOT_SERVING);
    const answers = await collect(ask(t, judged, "check", `\n${ECHO}\ndatabase\nno.Such`));
    assert.deepEqual(answers, ["NOT_SERVING", "SERVING", "NOT_SERVING", ["NOT_FOUND", "Service 'no.Such' not found"]]);
  });

  test(`Python grpcio-health-checking ${how}: watch, until the server stops`, timeLimit, async (t) => {
    const judged = await startJudgedServer(t, { secure });
    const { manager } = judged;
    const acts = [
      () => manager.update(NOT_SERVING, ECHO),
      () => manager.update(SERVING, ECHO),
      () => void judged.server.stop(),
    ];
    const seen = await collect(ask(t, judged, "watch", ECHO), acts);
    assert.deepEqual(seen, ["SERVING", "NOT_SERVING", "SERVING", "NOT_SERVING", ["OK", ""]]);
  });

  test(`Python grpcio-health-checking ${how}: watch of a service that does not exist yet`, timeLimit, async (t) => {
    const judged = await startJudgedServer(t, { secure });
    const acts = [
      () => judged.manager.set("cache", SERVING),
      () => judged.manager.unregister("cache"),
      () => void judged.server.stop(),
    ];
    const seen = await collect(ask(t, judged, "watch", "cache"), acts);
    assert.deepEqual(seen, ["SERVICE_UNKNOWN", "SERVING", "SERVICE_UNKNOWN", ["OK", ""]]);
  });

  test(`Python grpcio-reflection ${how}: lists, finds, builds messages, and calls`, timeLimit, async (t) => {
    const judged = await startJudgedServer(t, { secure });
    const questions = echoQuestions.map(({ method, requests }) => ({ method, requests }));
    const answers = await collect(ask(t, judged, "reflect", JSON.stringify({ service: ECHO, questions })));
    const types = ["connectum.test.v1.EchoRequest", "connectum.test.v1.EchoResponse"];
    assert.deepEqual(answers, [
      { services: SERVICES },
      {
        file: "connectum/test/v1/echo.proto",
        methods: {
          Echo: [...types, false, false],
          EchoGet: [...types, false, false],
          EchoServerStream: [...types, false, true],
          EchoClientStream: [...types, true, false],
          EchoBidiStream: [...types, true, true],
        },
      },
      { fields: { text: 1, count: 2, payload: 3 } },
      { extensions: [] },
      ...Array(3).fill("not found"),
      ...echoQuestions.map(({ responses }) => responses),
    ]);
  });
}

test("Python grpcio-reflection: messages of every syntax", timeLimit, async (t) => {
  const judged = await startJudgedServer(t, { services: [mountSyntaxes] });
  for (const question of syntaxQuestions) {
    const { service, message } = question;
    const questions = [{ method: "Echo", requests: [message] }];
    const answers = await collect(ask(t, judged, "reflect", JSON.stringify({ service: service.typeName, questions })));
    assert.deepEqual(answers.at(-1), [message]);
    assert.deepEqual(answers[3], { extensions: question === proto2Question ? [100, 101] : [] });
  }
});

/** All responses; after each one the next action runs, if there is one. */
async function collect(answers: AsyncIterable<unknown>, acts: (() => void)[] = []): Promise<unknown[]> {
  const seen: unknown[] = [];
  for await (const answer of answers) {
    seen.push(answer);
    acts.shift()?.();
  }
  return seen;
}

/** Runs a command of python-judge.py, and yields its output line by line. */
async function* ask(
  t: TestContext,
  { address }: JudgedServer,
  command: string,
  input: string,
): AsyncGenerator<unknown> {
  const program = fileURLToPath(new URL("python-judge.py", import.meta.url));
  const secure = address.startsWith("localhost");
  const child = spawn(
    judgePath("python/bin/python"),
    [program, command, address, ...(secure ? [certificatePath("ca.crt")] : [])],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  t.after(() => child.kill("SIGKILL"));
  child.stdin.end(input);
  for await (const line of createInterface(child.stdout)) yield JSON.parse(line);
}
