// Which validator judges a message.
import { createRegistry, type DescExtension, type DescFile, type DescMessage } from "@bufbuild/protobuf";
import { createValidator, type Validator } from "@bufbuild/protovalidate";

/**
 * How many violations a client is told of; the text of the error counts all. A message can have one for every two of its bytes, and
 * each takes hundreds.
 */
const MAX_VIOLATIONS = 100;

/**
 * One validator for all types, but for those whose files, or files that those import, define rules of their own ("predefined
 * rules"): such rules are extensions, and a validator has to know them when it is made.
 */
export function createValidators(): Validator {
  const common = createValidator();
  const byFile = new Map<DescFile, Validator>();
  const validatorOf = ({ file }: DescMessage) => {
    const known = byFile.get(file);
    if (known !== undefined) return known;
    const files = closureOf(file);
    const hasOwnRules = files.some((one) => extensionsOf(one).some(isRule));
    const validator = hasOwnRules ? createValidator({ registry: createRegistry(...files) }) : common;
    byFile.set(file, validator);
    return validator;
  };
  return {
    validate: (desc, message) => {
      const result = validatorOf(desc).validate(desc, message);
      if (result.kind !== "invalid" || result.violations.length <= MAX_VIOLATIONS) return result;
      return { ...result, violations: result.violations.slice(0, MAX_VIOLATIONS) };
    },
  };
}

/** The file and all that it imports. */
function closureOf(file: DescFile): DescFile[] {
  const found = new Set<DescFile>();
  const visit = (one: DescFile) => {
    if (found.has(one)) return;
    found.add(one);
    one.dependencies.forEach(visit);
  };
  visit(file);
  return [...found];
}

/** Those of the file itself, and those within its messages. */
function extensionsOf({ extensions, messages }: DescFile): DescExtension[] {
  return [...extensions, ...messages.flatMap(extensionsWithin)];
}

function extensionsWithin({ nestedExtensions, nestedMessages }: DescMessage): DescExtension[] {
  return [...nestedExtensions, ...nestedMessages.flatMap(extensionsWithin)];
}

function isRule({ extendee }: DescExtension): boolean {
  return extendee.typeName.startsWith("buf.validate.");
}
