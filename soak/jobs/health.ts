// Health: Check, Watch, and the endpoints over plain HTTP.
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { ServingStatus } from "@connectum/healthcheck";
import { Health } from "@connectum/healthcheck/proto";
import { certificate } from "../../__test__/support/certificates.ts";
import { plainClients } from "../../__test__/support/plain-http.ts";
import { EchoService } from "../../proto/gen/connectum/test/v1/echo_pb.ts";
import { failedWith, same } from "../expect.ts";
import type { Job } from "./job.ts";

export const check: Job = {
  name: "health",
  weight: 4,
  suits: ({ transport }) => transport !== undefined,
  async run({ transport }, random) {
    if (transport === undefined) return;
    const health = createClient(Health, transport);
    const service = random.pick(["", EchoService.typeName]);
    same((await health.check({ service })).status, ServingStatus.SERVING, `the status of "${service}"`);
    const unknown = await health.check({ service: "nobody" }).then(
      () => undefined,
      (error: unknown) => ConnectError.from(error),
    );
    failedWith(unknown, Code.NotFound);
  },
};

export const watch: Job = {
  name: "a watch of health that is cancelled",
  weight: 3,
  suits: ({ transport }) => transport !== undefined,
  async run({ transport }) {
    if (transport === undefined) return;
    const controller = new AbortController();
    const seen: ServingStatus[] = [];
    const watching = createClient(Health, transport).watch({ service: "" }, { signal: controller.signal });
    try {
      for await (const { status } of watching) {
        seen.push(status);
        controller.abort();
      }
    } catch (error) {
      failedWith(ConnectError.from(error), Code.Canceled);
    }
    same(seen, [ServingStatus.SERVING], "the statuses");
  },
};

export const probe: Job = {
  name: "a probe of health over plain HTTP",
  weight: 2,
  async run({ url }, random) {
    const { port, protocol } = new URL(url);
    const secure = protocol === "https:";
    const client = random.pick(plainClients.filter((one) => one.secure === secure));
    const path = random.pick(["/livez", "/readyz", "/startupz", "/healthz"]);
    const { status } = await client.send(Number(port), { path }, secure ? certificate("ca.crt") : undefined);
    same(status, 200, path);
    const unknown = await client.send(Number(port), { path: "/nowhere" }, secure ? certificate("ca.crt") : undefined);
    same(unknown.status, 404, "/nowhere");
  },
};
