// One run of the command line, from its arguments to its exit code.
import process from "node:process";
import { stripVTControlCharacters } from "node:util";
import { type CommandDef, type CommandMeta, defineCommand, renderUsage, runCommand } from "citty";
import { protoCommand } from "../commands/proto.ts";
import { CliError, EXIT } from "../failures/cli-error.ts";
import { version } from "./version.ts";

const root: CommandDef = defineCommand({
  meta: { name: "connectum", version, description: "CLI tools for Connectum gRPC/ConnectRPC framework" },
  subCommands: { proto: protoCommand },
});

/**
 * Runs `connectum` with these arguments, which are those behind the name of the program. It writes to stdout and
 * stderr, and ends no process. Resolves to the exit code; see `EXIT`. Never rejects.
 */
export async function run(args: readonly string[]): Promise<number> {
  const rawArgs = [...args];
  try {
    const isHelp = rawArgs.includes("--help") || rawArgs.includes("-h");
    if (isHelp) {
      console.log(`${await usage(rawArgs)}\n`);
    } else if (rawArgs.length === 1 && (rawArgs[0] === "--version" || rawArgs[0] === "-v")) {
      console.log(version);
    } else {
      await runCommand(root, { rawArgs });
    }
    return 0;
  } catch (error) {
    return await failed(error, rawArgs);
  }
}

async function failed(error: unknown, rawArgs: string[]): Promise<number> {
  if (error instanceof CliError) {
    console.error(`error: ${error.message}`);
    return error.exitCode;
  }
  const message = error instanceof Error ? error.message : String(error);
  if (isUsageError(error)) {
    console.log(`${await usage(rawArgs)}\n`);
    console.error(forTerminal(message, process.stderr));
  } else {
    console.error(`error: ${message}`);
  }
  return EXIT.usage;
}

/** Whether citty has found a command or an option wrong. */
function isUsageError(error: unknown): boolean {
  return error instanceof Error && error.name === "CLIError";
}

/** The help of the command that the arguments name. */
async function usage(rawArgs: readonly string[]): Promise<string> {
  let command: CommandDef = root;
  const names: string[] = [];
  for (const arg of rawArgs) {
    const commands = command.subCommands as Readonly<Record<string, CommandDef>> | undefined;
    const next = commands !== undefined && Object.hasOwn(commands, arg) ? commands[arg] : undefined;
    if (next === undefined) continue;
    names.push((command.meta as CommandMeta).name ?? "");
    command = next;
  }
  // citty shows the name of one parent, which may be of several words.
  const parent = names.length === 0 ? undefined : { meta: { name: names.join(" ") } };
  return forTerminal(await renderUsage(command, parent), process.stdout);
}

/** Without colours, unless a terminal shows it and nobody minds (https://no-color.org). */
function forTerminal(text: string, stream: { readonly isTTY?: boolean }): string {
  return stream.isTTY && !process.env["NO_COLOR"] ? text : stripVTControlCharacters(text);
}
