// The cost of protobuf-es alone for the calls of a case. The rest of a call is the server's.
import { capture, Failure } from "../scripts/run.mjs";
import type { Case } from "./case.ts";
import { onServerCore } from "./servers.ts";

/** CPU µs for the messages of one call: reads each request and writes each response, creates none. */
export async function measureCodec(subject: Case, seconds: number): Promise<number> {
  const [command = "", ...args] = onServerCore("codec-program", [subject.name, `${seconds}`]);
  const { code, stdout, stderr } = await capture(command, args);
  if (code !== 0) throw new Failure(`the codec's program failed.\n${stderr}`);
  return JSON.parse(stdout).cpuUsPerCall;
}
