// An application that has registered OpenTelemetry's SDK: our telemetry goes there, and nothing is replaced.
import assert from "node:assert/strict";
import { join } from "node:path";
import { attributesOf, type KeyValues } from "../../__test__/support/otlp-json.ts";
import { SDKS, type Sdk } from "../../scripts/application-sdks.mjs";
import type { Check } from "../check.ts";
import { exportedBy } from "./exported.ts";

/** The part of OTLP's JSON that all signals have. */
type Export = Readonly<Record<string, readonly { readonly resource: { readonly attributes: KeyValues } }[]>>;

export const applicationSdks: readonly Check[] = SDKS.map(({ name, version, notOn }: Sdk) => ({
  name: `an application with SDK ${version}`,
  notOn,
  async run(place) {
    const folder = join(place.folder, name);
    const exported = await exportedBy({ ...place, folder }, "http/json", ["./application-sdk.mjs"]);
    for (const { path, body } of exported) {
      const resources = Object.values(JSON.parse(body.toString()) as Export).flat();
      for (const { resource } of resources) {
        const { "service.name": service, "telemetry.sdk.version": sdk } = attributesOf(resource.attributes);
        assert.equal(service, "application", `${path} has a provider of our own`);
        assert.equal(`${sdk}`.split(".")[0], version);
      }
    }
  },
}));
