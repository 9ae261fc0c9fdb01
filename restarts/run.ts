// node --import tsx restarts/run.ts --tonic PROGRAM [--restarts 20]: two servers share a port, and are restarted in
// turns under steady load. Each client must see no failed unary call, and streams end as unavailable.
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Failure, main } from "../scripts/run.mjs";
import { connectNodeConnect, connectNodeGrpc } from "./clients/connect-node.ts";
import { grpcJs } from "./clients/grpc-js.ts";
import { load } from "./load.ts";
import { complaintsOf, type Report } from "./report.ts";
import { ServerProcess } from "./server-process.ts";
import { tonic } from "./tonic.ts";

/** Between a start and the next stop, for connections to settle. */
const PAUSE_MS = 300;

const { values } = parseArgs({ options: { restarts: { type: "string", default: "20" }, tonic: { type: "string" } } });
const restarts = Number(values.restarts);

main(async () => {
  if (!(Number.isInteger(restarts) && restarts > 0)) throw new Failure("--restarts takes a number of restarts.");
  const { tonic: program } = values;
  if (program === undefined)
    throw new Failure("--tonic takes the program of tonic's client: see scripts/restarts.mjs.");
  const first = await ServerProcess.start(0);
  const { port = 0 } = first;
  const servers = [first];
  const over = new AbortController();
  const wrong: string[] = [];
  try {
    servers.push(await ServerProcess.start(port));
    const clients = [grpcJs, connectNodeGrpc, connectNodeConnect].map((client) => load(client(port), over.signal));
    const all = [...clients, tonic(program, port, over.signal)];
    for (let restart = 0; restart < restarts; restart += 1) {
      await sleep(PAUSE_MS); // The rate of the restarts.
      wrong.push(...((await servers.shift()?.stop()) ?? []));
      servers.push(await ServerProcess.start(port));
    }
    over.abort();
    const reports = await Promise.all(all);
    for (const report of reports) wrong.push(...complaintsOf(report));
    summarize(reports);
    for (const server of servers) wrong.push(...(await server.stop()));
  } finally {
    over.abort();
    for (const server of servers) server.kill();
  }
  for (const line of wrong) console.log(line);
  console.log(`${restarts} restarts, ${wrong.length} wrong`);
  if (wrong.length > 0) process.exitCode = 1;
});

function summarize(reports: readonly Report[]): void {
  console.log("client                   calls  retried   failed  streams ended");
  for (const { client, calls, retried, failures, streams } of reports) {
    const sum = (counts: Record<string, number>) => Object.values(counts).reduce((total, count) => total + count, 0);
    const counts = [calls, retried, sum(failures), sum(streams)];
    const row = [
      client.padEnd(22),
      ...counts.map((count, column) => `${count}`.padStart(column === 3 ? 15 : column === 0 ? 8 : 9)),
    ];
    console.log(row.join(""));
  }
  console.log();
}
