// The types and extensions that a fake can use: those of the caller, and those that the schema's file can.
import { createRegistry, type DescFile, type DescMessage, type Registry } from "@bufbuild/protobuf";

/** Validators are kept by registries, so that the same types have the same registry. */
const known = new WeakMap<DescFile, Registry>();
const combined = new WeakMap<Registry, WeakMap<DescFile, Registry>>();

/** The registry of the schema's file and what it imports, and of the caller's one if there is one. */
export function registryOf({ file }: DescMessage, given: Registry | undefined): Registry {
  const registry = known.get(file) ?? createRegistry(...filesOf(file));
  known.set(file, registry);
  if (given === undefined) return registry;
  const byFile = combined.get(given) ?? new WeakMap<DescFile, Registry>();
  combined.set(given, byFile);
  const both = byFile.get(file) ?? createRegistry(given, registry);
  byFile.set(file, both);
  return both;
}

function filesOf(file: DescFile, files = new Set<DescFile>()): Set<DescFile> {
  if (!files.has(file)) {
    files.add(file);
    for (const dependency of file.dependencies) filesOf(dependency, files);
  }
  return files;
}
