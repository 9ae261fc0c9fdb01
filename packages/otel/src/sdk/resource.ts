// The resource of the SDK: the attributes of the process, and `telemetry.sdk.*`.
import type { Resource } from "@opentelemetry/resources";
import type { ResourceAttributes } from "../environment/resource-attributes.ts";
import { load } from "./load.ts";

export function resourceOf(attributes: ResourceAttributes): Resource {
  const { defaultResource, resourceFromAttributes } = load(
    "@opentelemetry/resources",
  ) as typeof import("@opentelemetry/resources");
  return defaultResource().merge(resourceFromAttributes(attributes));
}
