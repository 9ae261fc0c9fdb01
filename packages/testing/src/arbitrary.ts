// `@connectum/testing/arbitrary`: fakes for properties of fast-check. Apart from protofake, which needs no fast-check.
export { type ArbitraryOptions, arbitrary } from "./protofake/arbitrary.ts";
