// Which rule has no result: the validator says what happened, and not where.
import { create } from "@bufbuild/protobuf";
import type { ReflectMessage } from "@bufbuild/protobuf/reflect";
import { reflect } from "@bufbuild/protobuf/reflect";
import {
  type FieldRules,
  FieldRulesSchema,
  type MessageRules,
  MessageRulesSchema,
} from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import { contain } from "../container.ts";
import type { Slot, Value } from "../slot.ts";
import type { Complaint, Judge } from "./judge.ts";
import { fieldRulesProbe, messageRulesProbe } from "./single-rule-probes.ts";

/** The id of the rule of a slot with a complaint. Empty if it is none that the slot has. */
export function blamedRule(complaint: Complaint, slot: Slot, value: Value | undefined, judge: Judge): string {
  const { rules } = slot;
  if (complaint.ruleId !== "" || rules === undefined || value === undefined) return complaint.ruleId;
  for (const { id, alone } of eachAlone(rules)) {
    const probe = fieldRulesProbe(slot, create(FieldRulesSchema, alone));
    if (judge.ofMessage(contain(slot, value, probe)).some(({ isError }) => isError)) return id;
  }
  const { type } = rules;
  const hasPattern = (type.case === "string" || type.case === "bytes") && type.value.pattern !== "";
  return hasPattern ? `${type.case}.pattern` : "";
}

/** The same for a rule of a message. */
export function blamedMessageRule(
  complaint: Complaint,
  message: ReflectMessage,
  rules: MessageRules,
  judge: Judge,
): string {
  if (complaint.ruleId !== "") return complaint.ruleId;
  for (const { id, alone } of eachAlone(rules)) {
    const probe = messageRulesProbe(message.desc, create(MessageRulesSchema, alone));
    if (judge.ofMessage(reflect(probe, message.message)).some(({ isError }) => isError)) return id;
  }
  return "";
}

/** Each expression as the only rule. */
function eachAlone({ cel, celExpression }: Pick<FieldRules, "cel" | "celExpression">) {
  return [
    ...cel.map((rule) => ({ id: rule.id, alone: { cel: [rule] } })),
    ...celExpression.map((text) => ({ id: text, alone: { celExpression: [text] } })),
  ];
}
