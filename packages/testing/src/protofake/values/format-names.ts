// The formats, and how rules and CEL functions call them.
import { KnownRegex, type StringRules } from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";

type WellKnown = Exclude<StringRules["wellKnown"]["case"], undefined | "wellKnownRegex">;
export type RulesOfFormat = WellKnown | "headerName" | "headerValue";

/** The functions of protovalidate's library, by the formats for which they are true. */
export const FORMATS_OF_FUNCTIONS: Readonly<Record<string, readonly RulesOfFormat[]>> = {
  isEmail: ["email"],
  isHostname: ["hostname"],
  isIp: ["ipv4", "ipv6"],
  isIpPrefix: ["ipv4Prefix", "ipv6Prefix", "ipv4WithPrefixlen"],
  isUri: ["uri"],
  isUriRef: ["uriRef"],
  isHostAndPort: ["hostAndPort", "hostname"],
};

/** The format that the rules ask for. */
export function formatOf({ wellKnown }: StringRules): RulesOfFormat | undefined {
  switch (wellKnown.case) {
    case undefined:
      return undefined;
    case "wellKnownRegex":
      if (wellKnown.value === KnownRegex.HTTP_HEADER_NAME) return "headerName";
      return wellKnown.value === KnownRegex.HTTP_HEADER_VALUE ? "headerValue" : undefined;
    default:
      return wellKnown.value ? wellKnown.case : undefined;
  }
}
