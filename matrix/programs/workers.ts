// Workers with a server each, in turns ended by themselves and terminated; two at a time. The argument is their number.
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { call } from "./minimal-server.ts";

const count = Number(process.argv[2]);

async function oneWorker(number: number): Promise<void> {
  const worker = new Worker(new URL("worker.js", import.meta.url), { stdout: true });
  const [port] = (await once(worker, "message")) as [number];
  await call(port);
  const exited = once(worker, "exit");
  if (number % 2 === 0) worker.postMessage("stop");
  else void worker.terminate();
  await exited;
}

for (let number = 0; number < count; number += 2) {
  await Promise.all([oneWorker(number / 2), oneWorker(number / 2 + 1)]);
}
console.log(`${count} workers`);
