// A worker with a server: it posts its port, stops after any message, and ends then, as it listens to nothing more.
import { parentPort } from "node:worker_threads";
import { startServer } from "./minimal-server.ts";

const server = await startServer();
parentPort?.postMessage(server.address?.port);
parentPort?.once("message", () => void server.stop());
