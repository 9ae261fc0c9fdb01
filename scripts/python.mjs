// @ts-check
// Installs Python's grpcio, pinned, with its clients for health and reflection.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { ensurePythonEnvironment } from "./python-environment.mjs";
import { run } from "./run.mjs";

export const grpcioVersion = "1.85.3";

const packages = [
  `grpcio==${grpcioVersion}`,
  "grpcio-tools==1.85.1",
  "grpcio-health-checking==1.85.1",
  "grpcio-reflection==1.85.1",
  "protobuf==7.36.2",
];
const protos = ["connectum/test/v1/echo.proto"];

/** Python with grpcio in .judges/python, and the generated code of the echo service in `gen` there. */
export async function ensurePython() {
  const directory = await ensurePythonEnvironment("python", packages);
  const gen = join(directory, "gen");
  mkdirSync(gen, { recursive: true });
  const outputs = [`--python_out=${gen}`, `--grpc_python_out=${gen}`];
  await run(join(directory, "bin", "python"), ["-m", "grpc_tools.protoc", "--proto_path=proto", ...outputs, ...protos]);
}
