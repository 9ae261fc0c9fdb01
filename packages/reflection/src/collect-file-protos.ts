// File descriptors in the order of a FileDescriptorSet.
import type { DescFile } from "@bufbuild/protobuf";

/**
 * The descriptors of `files` and of everything that they import, directly or not. Imports come before the files that
 * import them, as in a `FileDescriptorSet`.
 *
 * Otherwise files keep the order given, and imports the order declared. Of several files with one name only the first
 * is included. Cycles of imports are allowed.
 *
 * @returns the descriptors themselves, not copies
 */
export function collectFileProtos(files: ReadonlyArray<DescFile>): DescFile["proto"][] {
  const seen = new Set<string>();
  const collected: DescFile["proto"][] = [];
  const collect = (file: DescFile): void => {
    if (seen.has(file.name)) return;
    seen.add(file.name);
    file.dependencies.forEach(collect);
    collected.push(file.proto);
  };
  files.forEach(collect);
  return collected;
}
