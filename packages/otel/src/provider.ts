// The exports of `@connectum/otel/provider`: the provider of the process, and its resource.
export {
  buildResourceAttributes,
  parseOtelResourceAttributesEnv,
  type ResourceAttributeInputs,
} from "./environment/resource-attributes.ts";
export { getProvider, initProvider, shutdownProvider } from "./provider/current-provider.ts";
export type { ProviderOptions } from "./provider/provider-options.ts";
