// Ends with calls in flight, in the way of the argument: `exit`, `throw`, or `signal`, which is left to the caller. It
// does so when its standard input ends.
import process from "node:process";
import { startServer } from "./minimal-server.ts";

const way = process.argv[2];
const server = await startServer();
process.stdin.on("end", () => {
  if (way === "exit") process.exit(7);
  if (way === "throw") throw new Error("uncaught");
});
process.stdin.resume();
console.log(`port ${server.address?.port}`);
