// The program that the runner of protovalidate's suite starts for each of its suites. It gets messages with the
// descriptors of their types, makes fakes of the types with a valid message, and writes down which are valid.
import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { create, createFileRegistry, createRegistry, type DescMessage, fromBinary, toBinary } from "@bufbuild/protobuf";
import { anyUnpack } from "@bufbuild/protobuf/wkt";
import { createValidator } from "@bufbuild/protovalidate";
import { fake } from "@connectum/testing/protofake";
import {
  TestConformanceRequestSchema,
  TestConformanceResponseSchema,
} from "../../.build/protovalidate/buf/validate/conformance/harness/harness_pb.js";

const SEEDS = 20;

const [results] = process.argv.slice(2);
if (results === undefined) throw new Error("the folder for the results is missing");
const { fdset, cases } = fromBinary(TestConformanceRequestSchema, await buffer(process.stdin));
if (fdset === undefined) throw new Error("the runner sent no descriptors");
const types = createRegistry(createFileRegistry(fdset));
const validator = createValidator({ registry: types });

const valid = new Set<DescMessage>();
for (const any of Object.values(cases)) {
  const message = anyUnpack(any, types);
  const desc = message && types.getMessage(message.$typeName);
  if (message === undefined || desc === undefined) throw new Error(`the runner sent no descriptor of ${any.typeUrl}`);
  if (validator.validate(desc, message).kind === "valid") valid.add(desc);
}
const outcomes = [...valid].map((desc) => ({ typeName: desc.typeName, failure: failureOf(desc) }));
writeFileSync(join(results, `${randomUUID()}.json`), JSON.stringify(outcomes));
process.stdout.write(toBinary(TestConformanceResponseSchema, create(TestConformanceResponseSchema)));

/** The error or the violations of the first seed that gives no valid message. */
function failureOf(desc: DescMessage): string | undefined {
  for (let seed = 0; seed < SEEDS; seed++) {
    try {
      const result = validator.validate(desc, fake(desc, { seed }));
      if (result.kind !== "valid") return `seed ${seed}: ${result.error.message}`;
    } catch (error) {
      return `seed ${seed}: ${error instanceof Error ? error.message : error}`;
    }
  }
  return undefined;
}
