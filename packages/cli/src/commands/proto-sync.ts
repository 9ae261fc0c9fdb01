// `connectum proto sync`: TypeScript for the services of a running server, without its .proto files.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { defineCommand } from "citty";
import { runBuf } from "../buf/run-buf.ts";
import { CliError } from "../failures/cli-error.ts";
import { addressOf } from "../reflection/address.ts";
import { type Connection, type ConnectOptions, readHeaders } from "../reflection/connect-options.ts";
import { type Description, describe } from "../reflection/describe.ts";
import { repeated } from "./repeated.ts";

/** Options of {@link executeProtoSync}. */
export interface ProtoSyncOptions extends ConnectOptions {
  /** The server: `host:port`, or a URL with `http:` or `https:`. */
  from: string;
  /** The directory below which buf writes. Not needed for a dry run. */
  out?: string | undefined;
  /** A `buf.gen.yaml`. Default: the one of the working directory. */
  template?: string | undefined;
  /** Whether it only says what it would do. Default false. */
  dryRun?: boolean | undefined;
  /** The services to take, by name; a `*` stands for any text. Default: all. */
  services?: readonly string[] | undefined;
  /** Whether to leave out the files of `google/protobuf`, which packages for protobuf have. Default false. */
  excludeWkt?: boolean | undefined;
  /** Whether a dry run says it in JSON: `{ url, services, files, out }`. Default false. */
  json?: boolean | undefined;
  /** Takes each line of the output. Default: `console.log`. */
  print?: ((line: string) => void) | undefined;
}

/** The command, which can be part of another command line made with citty. */
export const protoSyncCommand = defineCommand({
  meta: {
    name: "sync",
    description: "Sync proto types from a running Connectum server via gRPC Reflection",
  },
  args: {
    from: {
      type: "string",
      description: "Server address (e.g., localhost:5000 or http://localhost:5000)",
      required: true,
    },
    out: { type: "string", description: "Output directory for generated types" },
    template: { type: "string", description: "Path to custom buf.gen.yaml template" },
    "dry-run": { type: "boolean", description: "Show what would be synced without generating code", default: false },
    services: { type: "string", description: 'Only these services, with commas in between; "*" stands for any text' },
    "exclude-wkt": { type: "boolean", description: "Leave out the files of google/protobuf", default: false },
    json: { type: "boolean", description: "Show a dry run as JSON", default: false },
    header: { type: "string", description: "A header of the requests, name=value; may be given several times" },
    ca: { type: "string", description: "File with the authorities that issue the server's certificate, in PEM" },
    insecure: { type: "boolean", description: "Trust any certificate of the server", default: false },
    timeout: { type: "string", description: "The longest that the server may take, in seconds (default 10)" },
  },
  async run({ args, rawArgs }) {
    if (args.out === undefined && !args["dry-run"]) {
      throw Object.assign(new Error("Missing required argument: --out"), { name: "CLIError" });
    }
    await executeProtoSync({
      from: args.from,
      out: args.out,
      template: args.template,
      dryRun: args["dry-run"],
      services: args.services?.split(",").map((name) => name.trim()),
      excludeWkt: args["exclude-wkt"],
      json: args.json,
      headers: readHeaders(repeated(rawArgs, "header")),
      ca: args.ca,
      insecure: args.insecure,
      timeoutMs: args.timeout === undefined ? undefined : secondsOf(args.timeout),
    });
  },
});

/**
 * Asks a server for the descriptors of its services, and has `buf generate` write code for them.
 *
 * @throws CliError for a server that cannot be asked, for services that it does not have, and if buf fails; its
 * `exitCode` says which
 */
export async function executeProtoSync(options: ProtoSyncOptions): Promise<void> {
  const { out, template, dryRun = false, json = false, services, excludeWkt = false } = options;
  const print = options.print ?? console.log;
  const url = addressOf(options.from);
  if (!dryRun && out === undefined) throw new CliError("proto sync: out is missing: where is the code to be written?");
  if (!(dryRun && json)) print(`Connecting to ${url}...`);
  const connection: Connection = { ...options, url };
  const found = await describe(connection, { services, excludeWkt });
  if (dryRun) {
    for (const line of json ? [asJson(url, found, out)] : asText(url, found, out)) print(line);
    return;
  }
  const bytes = toBinary(FileDescriptorSetSchema, found.set);
  print(`Fetched ${bytes.byteLength} bytes of descriptors`);
  const folder = await mkdtemp(join(tmpdir(), "connectum-proto-sync-"));
  try {
    const file = join(folder, "descriptors.binpb");
    await writeFile(file, bytes);
    const args = [
      "generate",
      file,
      "--output",
      out as string,
      ...(template === undefined ? [] : ["--template", template]),
    ];
    print(`Running: buf ${args.join(" ")}`);
    await runBuf(args);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  print(`Proto types synced to ${out}`);
  print("Comments of the .proto files are not part of what a server tells: the code has none.");
}

function asText(url: string, { services, fileNames }: Description, out: string | undefined): string[] {
  const listed = (names: readonly string[]) => names.map((name) => `  - ${name}`);
  const end = out === undefined ? [] : ["", `Would generate to: ${out}`];
  return [`Connected to ${url}`, "", "Services:", ...listed(services), "", "Files:", ...listed(fileNames), ...end];
}

function asJson(url: string, { services, fileNames }: Description, out: string | undefined): string {
  return JSON.stringify({ url, services, files: fileNames, ...(out !== undefined && { out }) }, undefined, 2);
}

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (Number.isFinite(seconds) && seconds > 0) return seconds * 1_000;
  throw new CliError(`--timeout must be a number of seconds above 0, not "${text}"`);
}
