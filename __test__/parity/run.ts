// Sends every request of the table to both servers, one after the other, and reports the results.

import { tables } from "./cases/index.ts";
import { compare, type Verdict } from "./comparison.ts";
import { type Configuration, configurations } from "./configuration.ts";
import { differences } from "./differences.ts";
import { documentedIds } from "./differences-document.ts";
import type { HttpVersion, ParityCase } from "./parity-case.ts";
import { ServerUnderTest, type StartServer } from "./server-under-test.ts";

interface NamedCase {
  readonly name: string;
  readonly parityCase: ParityCase;
}

/**
 * Prints what failed, and the count as its last line.
 *
 * @param filter only cases whose name has this in it; empty for all
 * @returns whether none failed
 */
export async function runParity(startServer: StartServer, filter: string): Promise<boolean> {
  const documented = documentedIds();
  const cases = allCases().filter(({ name }) => name.includes(filter));
  const count = { same: 0, documented: 0, failed: 0 };
  const used = new Set<string>();
  const sent = new Set<string>();
  for (const configuration of Object.keys(configurations) as Configuration[]) {
    const connectNode = new ServerUnderTest(startServer, "connect-node", configuration);
    const connectum = new ServerUnderTest(startServer, "connectum", configuration);
    for (const { name, parityCase } of cases) {
      if ((parityCase.configuration ?? "default") !== configuration) continue;
      for (const version of versionsOf(parityCase)) {
        const [theirs, ours] = await Promise.all([
          connectNode.answer(parityCase, version),
          connectum.answer(parityCase, version),
        ]);
        const title = `${name} (HTTP/${version})`;
        sent.add(title);
        const verdict = compare(differences[title] ?? {}, theirs, ours, documented);
        count[verdict.kind] += 1;
        for (const id of verdict.ids) used.add(id);
        if (verdict.kind === "failed") printFailure(title, verdict);
      }
    }
    await Promise.all([connectNode.stop(), connectum.stop()]);
  }
  const requests = count.same + count.documented + count.failed;
  if (filter === "") {
    for (const title of Object.keys(differences).filter((title) => !sent.has(title))) {
      console.log(`FAILED differences.json: there is no request "${title}". Take it away.`);
      count.failed += 1;
    }
    for (const id of documented) {
      if (used.has(id)) continue;
      console.log(`FAILED docs/differences.md: no request shows ${id}. Take the line away, or add a request.`);
      count.failed += 1;
    }
  }
  const { same, documented: different, failed } = count;
  console.log(`${requests} requests, ${same} the same, ${different} documented differences, ${failed} failed`);
  return failed === 0 && requests > 0;
}

function allCases(): NamedCase[] {
  return Object.entries(tables).flatMap(([group, table]) =>
    Object.entries(table).map(([name, parityCase]): NamedCase => ({ name: `${group}: ${name}`, parityCase })),
  );
}

function versionsOf({ request, over }: ParityCase): readonly HttpVersion[] {
  return over ?? (request instanceof Uint8Array ? ["1.1"] : ["1.1", "2"]);
}

/** In the form of differences.json, so that correct entries can be pasted there. */
function printFailure(title: string, { reasons, fields }: Verdict): void {
  console.log(`FAILED ${title}`);
  for (const reason of reasons) console.log(`  ${reason}`);
  console.log(`  ${JSON.stringify(title)}: ${JSON.stringify({ "P-": fields })},`);
}
