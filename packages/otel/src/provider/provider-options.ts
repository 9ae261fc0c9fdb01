// The options of the provider.
import { assertKnownKeys, assertObject, assertOneOf, assertString, type Keys } from "@connectum/hooks";
import { ExporterType, SIGNALS } from "../environment/exporter-type.ts";
import type { OTLPSettings } from "../environment/otlp-settings.ts";
import type { ResourceAttributes } from "../environment/resource-attributes.ts";

/** All are optional: what is absent comes from the environment. */
export interface ProviderOptions {
  /** `service.name`, and the name of tracer, meter and logger. Default: `getServiceMetadata()`. */
  serviceName?: string | undefined;
  /** `service.version`, and the version of tracer, meter and logger. Default: `getServiceMetadata()`. */
  serviceVersion?: string | undefined;
  /** `service.instance.id`. Default: `OTEL_SERVICE_INSTANCE_ID`. */
  instanceId?: string | undefined;
  /** Further attributes of the resource, beside those of `OTEL_RESOURCE_ATTRIBUTES`. */
  resourceAttributes?: ResourceAttributes | undefined;
  /** The exporter of each signal. Default: `getOTLPSettings()`. */
  settings?: Partial<OTLPSettings> | undefined;
}

const KEYS = {
  serviceName: true,
  serviceVersion: true,
  instanceId: true,
  resourceAttributes: true,
  settings: true,
} as const satisfies Keys<ProviderOptions>;

const WHERE = "initProvider";

/** @throws TypeError or RangeError for an invalid option */
export function checkProviderOptions(options: ProviderOptions): void {
  assertKnownKeys(options, KEYS, { where: WHERE });
  for (const name of ["serviceName", "serviceVersion", "instanceId"] as const) {
    assertString(WHERE, name, options[name]);
  }
  assertObject(WHERE, "resourceAttributes", options.resourceAttributes);
  const { settings } = options;
  assertKnownKeys(settings, { traces: true, metrics: true, logs: true }, { where: WHERE, option: "settings" });
  for (const signal of SIGNALS) {
    const type = settings?.[signal];
    if (type !== undefined) assertOneOf(WHERE, `settings.${signal}`, type, Object.values(ExporterType));
  }
}
