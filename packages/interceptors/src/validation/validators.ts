// The validators of messages.
import { createRegistry, type DescExtension, type DescFile, type DescMessage } from "@bufbuild/protobuf";
import { createValidator, type Validator, type Violation } from "@bufbuild/protovalidate";

/**
 * How many violations a client gets at most; the text of the error counts all. A message can have one violation for
 * every two of its bytes, and each takes hundreds of bytes.
 */
const MAX_VIOLATIONS = 100;

/**
 * How many characters the texts of the violations may have: each names its field with all map keys on the path to it.
 */
const MAX_TEXT = 65_536;

/**
 * One validator for all types, except for those whose files, or the files these import, define rules of their own
 * ("predefined rules"): such rules are extensions, which a validator must know when it is created.
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

/** The first violations: at least one, and no more than the limits allow. */
function bounded(violations: Violation[]): Violation[] {
  let text = 0;
  const end = violations.slice(0, MAX_VIOLATIONS).findIndex((violation, index) => {
    text += violation.toString().length;
    return index > 0 && text > MAX_TEXT;
  });
  return violations.slice(0, end < 0 ? MAX_VIOLATIONS : end);
}

/** The file and all files that it imports, directly or not. */
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

/** The extensions of the file itself and of its messages. */
function extensionsOf({ extensions, messages }: DescFile): DescExtension[] {
  return [...extensions, ...messages.flatMap(extensionsWithin)];
}

function extensionsWithin({ nestedExtensions, nestedMessages }: DescMessage): DescExtension[] {
  return [...nestedExtensions, ...nestedMessages.flatMap(extensionsWithin)];
}

function isRule({ extendee }: DescExtension): boolean {
  return extendee.typeName.startsWith("buf.validate.");
}
