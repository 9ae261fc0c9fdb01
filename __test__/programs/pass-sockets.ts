// Opens sockets, starts another program that inherits them from descriptor 3 on, prints its process id, and ends. The
// first argument has where to listen, as Node's listen() takes it, or `file` for a file; the second one the variables
// for the program, where $$ is its process id; the others are the program and its arguments.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { createServer } from "node:net";
import process from "node:process";

interface Place {
  port?: number;
  path?: string;
  file?: string;
}

async function opened({ file, ...place }: Place): Promise<number> {
  if (file !== undefined) return openSync(file, "r");
  const server = createServer().listen({ ...place, ...(place.port !== undefined && { host: "127.0.0.1" }) });
  await once(server, "listening");
  return Number(Reflect.get(Reflect.get(server, "_handle") as object, "fd"));
}

const [places = "[]", variables = "{}", ...program] = process.argv.slice(2);
const descriptors: number[] = [];
for (const place of JSON.parse(places) as Place[]) descriptors.push(await opened(place));
// The shell has the process id that the program will have.
const assignments = Object.entries(JSON.parse(variables) as Record<string, string>).map((pair) => pair.join("="));
const line = [...assignments, 'exec "$0" "$@"'].join(" ");
const child = spawn("/bin/sh", ["-c", line, process.execPath, "--import", "tsx", ...program], {
  stdio: ["ignore", "inherit", "inherit", ...descriptors],
});
await once(child, "spawn");
console.log(`child ${child.pid}`);
// Not closed one by one: Node would remove the files of Unix sockets.
process.exit(0);
