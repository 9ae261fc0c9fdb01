// The name and version of the service.
import process from "node:process";
import { parseOtelResourceAttributesEnv } from "./resource-attributes.ts";
import { type Environment, textOf } from "./variables.ts";

export interface ServiceMetadata {
  name: string;
  version: string;
}

/**
 * The name: `OTEL_SERVICE_NAME`, else `service.name` of `OTEL_RESOURCE_ATTRIBUTES`, else `npm_package_name`, else
 * `unknown-service`. The version: `OTEL_SERVICE_VERSION`, else `service.version` there, else `npm_package_version`,
 * else `0.0.0`. An empty variable counts as unset. Never throws.
 */
export function getServiceMetadata(): ServiceMetadata {
  return serviceMetadataOf(process.env);
}

export function serviceMetadataOf(env: Environment): ServiceMetadata {
  const attributes = parseOtelResourceAttributesEnv(env["OTEL_RESOURCE_ATTRIBUTES"]);
  return {
    name:
      textOf(env, "OTEL_SERVICE_NAME") ||
      attributes["service.name"] ||
      textOf(env, "npm_package_name") ||
      "unknown-service",
    version:
      textOf(env, "OTEL_SERVICE_VERSION") ||
      attributes["service.version"] ||
      textOf(env, "npm_package_version") ||
      "0.0.0",
  };
}
