// Files as their compiler wrote them, in an order in which they can be read.
import type { DescFile } from "@bufbuild/protobuf";

/**
 * The descriptors of `files` and of all that they import, what is imported before what imports it: the order that a
 * `FileDescriptorSet` has.
 *
 * Files go in the order given, their imports in the order declared. Of several files with one name the first counts. A
 * cycle of imports ends where it began.
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
