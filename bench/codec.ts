// What protobuf-es alone costs for the calls of a case: what is left of a call is what the server costs.
import { capture, Failure } from "../scripts/run.mjs";
import type { Case } from "./case.ts";
import { onServerCore } from "./servers.ts";

/** CPU µs for the messages of one call: each request read, each response written, none made. */
export async function measureCodec(subject: Case, seconds: number): Promise<number> {
  const [command = "", ...args] = onServerCore("codec-program", [subject.name, `${seconds}`]);
  const { code, stdout, stderr } = await capture(command, args);
  if (code !== 0) throw new Failure(`the codec's program failed.\n${stderr}`);
  return JSON.parse(stdout).cpuUsPerCall;
}
