// `connectum proto`: the commands about .proto files.
import { type CommandDef, defineCommand } from "citty";
import { protoSyncCommand } from "./proto-sync.ts";

export const protoCommand: CommandDef = defineCommand({
  meta: { name: "proto", description: "Proto management commands" },
  // What a command of citty takes is part of its type, which differs from command to command.
  subCommands: { sync: protoSyncCommand as unknown as CommandDef },
});
