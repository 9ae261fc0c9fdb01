// Servers in workers, one worker after another; the main thread never loads the addon.
import { once } from "node:events";
import { Worker } from "node:worker_threads";

for (const end of ["terminate", "stop", "terminate", "stop"]) {
  const worker = new Worker(new URL("../support/server-worker.mjs", import.meta.url));
  await once(worker, "message");
  const exited = once(worker, "exit");
  if (end === "stop") worker.postMessage(end);
  else void worker.terminate();
  await exited;
}
console.log("done");
