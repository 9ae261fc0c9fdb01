// Which validator judges a message.
import { createRegistry, type DescExtension, type DescFile, type DescMessage } from "@bufbuild/protobuf";
import { createValidator, type Validator, type Violation } from "@bufbuild/protovalidate";

/**
 * How many violations a client is told of; the text of the error counts all. A message can have one for every two of its bytes, and
 * each takes hundreds.
 */
const MAX_VIOLATIONS = 100;

/** How many characters their texts may have: each names its field with all keys of maps that lead to it, however long. */
const MAX_TEXT = 65_536;

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
      return result.kind === "invalid" ? { ...result, violations: bounded(result.violations) } : result;
    },
  };
}

/** The first of them: one at least, and not more than fit. */
function bounded(violations: Violation[]): Violation[] {
  let text = 0;
  const end = violations.slice(0, MAX_VIOLATIONS).findIndex((violation, index) => {
    text += violation.toString().length;
    return index > 0 && text > MAX_TEXT;
  });
  return violations.slice(0, end < 0 ? MAX_VIOLATIONS : end);
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
