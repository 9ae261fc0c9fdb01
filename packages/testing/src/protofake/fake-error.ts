// The error of a message that could not be made.

/** Where a value could not be found, and because of which rule. */
export interface Unmet {
  /** The full name of the message type: `acme.v1.User`. */
  readonly typeName: string;
  /** The path of the field: `address.zip`; empty if the rule is of the message. */
  readonly field: string;
  /** The id of the rule, as `buf.validate` has it: `string.pattern`, or the id of a CEL rule. */
  readonly ruleId: string;
  /** What the validator said about the last value that was tried. */
  readonly complaint: string;
}

/** There is no valid message of this type, or none was found in a bounded search. */
export class FakeError extends Error {
  override readonly name = "FakeError";
  readonly typeName: string;
  readonly field: string;
  readonly ruleId: string;
  readonly complaint: string;

  constructor({ typeName, field, ruleId, complaint }: Unmet) {
    const place = field === "" ? `message ${typeName}` : `field ${field} of ${typeName}`;
    const rule = ruleId === "" ? "its rules" : `rule ${ruleId}`;
    super(`no fake was found for ${place} that meets ${rule} (${complaint}): give it by "overrides"`);
    this.typeName = typeName;
    this.field = field;
    this.ruleId = ruleId;
    this.complaint = complaint;
  }
}
