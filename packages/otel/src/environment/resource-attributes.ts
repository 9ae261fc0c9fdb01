// The attributes of the resource: what the process is, for all three signals.
import process from "node:process";
import { type Environment, textOf } from "./variables.ts";

export type ResourceAttributes = Record<string, string | number | boolean>;

/** What {@link buildResourceAttributes} puts together. */
export interface ResourceAttributeInputs {
  /** `service.name`. */
  serviceName: string;
  /** `service.version`. */
  serviceVersion: string;
  /** `service.instance.id`. An empty one counts as absent. */
  instanceId?: string | undefined;
  /** Further attributes. They win over those of the environment. */
  resourceAttributes?: ResourceAttributes | undefined;
  /** Default `process.env`. */
  env?:
    | {
        OTEL_RESOURCE_ATTRIBUTES?: string | undefined;
        OTEL_SERVICE_INSTANCE_ID?: string | undefined;
        OTEL_SERVICE_NAMESPACE?: string | undefined;
      }
    | undefined;
}

/**
 * Lowest precedence first: `OTEL_RESOURCE_ATTRIBUTES`; `OTEL_SERVICE_NAMESPACE` and `OTEL_SERVICE_INSTANCE_ID`; the
 * name and version given; `resourceAttributes`; `instanceId`.
 */
export function buildResourceAttributes(inputs: ResourceAttributeInputs): ResourceAttributes {
  const { serviceName, serviceVersion, instanceId, resourceAttributes } = inputs;
  const env: Environment = inputs.env ?? process.env;
  const namespace = textOf(env, "OTEL_SERVICE_NAMESPACE");
  const id = textOf(env, "OTEL_SERVICE_INSTANCE_ID");
  return {
    ...parseOtelResourceAttributesEnv(env["OTEL_RESOURCE_ATTRIBUTES"]),
    ...(namespace !== undefined && { "service.namespace": namespace }),
    ...(id !== undefined && { "service.instance.id": id }),
    "service.name": serviceName,
    "service.version": serviceVersion,
    ...resourceAttributes,
    ...(instanceId && { "service.instance.id": instanceId }),
  };
}

/**
 * The pairs of `k=v,k=v`. The first `=` of a pair separates; both sides are trimmed and percent-decoded; a later pair
 * replaces an earlier one. What has no key is left out, and a wrong percent-encoding stays as it is.
 */
export function parseOtelResourceAttributesEnv(raw: string | undefined): Record<string, string> {
  const pairs = (raw ?? "").split(",").flatMap((pair): [string, string][] => {
    const at = pair.indexOf("=");
    const key = at < 0 ? "" : decoded(pair.slice(0, at).trim());
    return key === "" ? [] : [[key, decoded(pair.slice(at + 1).trim())]];
  });
  return Object.fromEntries(pairs);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
