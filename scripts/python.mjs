// @ts-check
// Installs Python's grpcio, pinned, into a virtual environment of its own: .judges/python.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { capture, Failure, root, run } from "./run.mjs";

const directory = join(root, ".judges", "python");
const python = join(directory, "bin", "python");
const stampFile = join(directory, "installed.txt");
const packages = ["grpcio==1.85.3", "grpcio-tools==1.85.1", "protobuf==7.36.2"];
const protos = ["connectum/test/v1/echo.proto"];

/** Python with grpcio, and in `gen` beside it what its code generator makes of the echo service. */
export async function ensurePython() {
  const stamp = packages.join("\n");
  if (!existsSync(stampFile) || readFileSync(stampFile, "utf8") !== stamp) {
    const found = await capture("python3", ["-c", "import venv, ensurepip"]).catch(() => null);
    if (found?.code !== 0) {
      throw new Failure("Python 3 with venv is missing. Install it: apt-get install python3 python3-venv");
    }
    console.log(`installing ${packages.join(", ")} into .judges/python`);
    rmSync(directory, { recursive: true, force: true });
    await run("python3", ["-m", "venv", directory]);
    await run(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...packages]);
    writeFileSync(stampFile, stamp);
  }
  const gen = join(directory, "gen");
  mkdirSync(gen, { recursive: true });
  const outputs = [`--python_out=${gen}`, `--grpc_python_out=${gen}`];
  await run(python, ["-m", "grpc_tools.protoc", "--proto_path=proto", ...outputs, ...protos]);
}
