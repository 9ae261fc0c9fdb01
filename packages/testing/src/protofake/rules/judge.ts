// protovalidate says whether a value is valid where it is to be.
import type { DescField, DescMessage, Registry } from "@bufbuild/protobuf";
import { type Path, pathToString, type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { createValidator, type Validator, type Violation } from "@bufbuild/protovalidate";
import { contain } from "../container.ts";
import type { Slot, Value } from "../slot.ts";
import { fieldProbe, type Way } from "./probes.ts";

export interface Complaint {
  /** Empty for a rule of the message itself. */
  readonly path: Path;
  readonly field: string;
  readonly ruleId: string;
  readonly text: string;
  /** An expression that has no result with these values, or rules that do not compile. */
  readonly isError: boolean;
}

/** The validator's own time cannot be set. These rules are met by how timestamps are made. */
const RULES_OF_NOW = new Set(["timestamp.lt_now", "timestamp.gt_now", "timestamp.within"]);

/** What the validator says about an expression that does not compile, with the id of its rule. */
const NOT_COMPILED = /^failed to compile (.*?): \w*Error\b/s;

const validators = new WeakMap<Registry, Validator>();

export class Judge {
  readonly #validator: Validator;
  readonly #ownNow: boolean;

  /**
   * @param registry must be the same object for the same types, since validators are kept by it
   * @param ownNow whether rules about now are left out
   */
  constructor(registry: Registry, ownNow: boolean) {
    this.#validator = validators.get(registry) ?? createValidator({ registry });
    validators.set(registry, this.#validator);
    this.#ownNow = ownNow;
  }

  /** All complaints about a message. */
  ofMessage(message: ReflectMessage): Complaint[] {
    return this.#judge(message);
  }

  /** The complaints about one field of a message, without rules of the message and of its other fields. */
  ofField(message: ReflectMessage, field: DescField): Complaint[] {
    return this.#judge(reflect(fieldProbe(field), message.message));
  }

  /** The complaints about a message as the message of a probe. */
  ofParts(message: ReflectMessage, probe: DescMessage): Complaint[] {
    return this.#judge(reflect(probe, message.message));
  }

  /**
   * The complaints about a value in a slot.
   * @param way for a complaint about each part that is false of one way of the expressions
   */
  ofSlot(slot: Slot, value: Value, way?: Way): Complaint[] {
    const { field, part } = slot;
    const complaints = this.#judge(contain(slot, value, fieldProbe(field, way)));
    if (part === "field") return complaints;
    // Errors may be of rules of the whole list, which are judged when there is a whole list.
    return complaints.filter(({ path, isError, forKey }) => {
      return !isError && path.length > 1 && forKey === (part === "key");
    });
  }

  #judge({ desc, message }: ReflectMessage): (Complaint & { forKey: boolean })[] {
    const result = this.#validator.validate(desc, message);
    if (result.kind === "valid") return [];
    if (result.kind === "error") {
      const { message: text } = result.error;
      const [, ruleId = ""] = NOT_COMPILED.exec(text) ?? [];
      return [{ path: [], field: "", ruleId, text, isError: true, forKey: false }];
    }
    const violations = this.#ownNow
      ? result.violations.filter(({ ruleId }) => !RULES_OF_NOW.has(ruleId))
      : result.violations;
    return violations.map((violation) => ({ ...complaintOf(violation), forKey: violation.forKey }));
  }
}

function complaintOf({ field, ruleId, message }: Violation): Complaint {
  return { path: field, field: pathToString(field), ruleId, text: message, isError: false };
}
