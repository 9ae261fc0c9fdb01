// A case: which calls are sent to which servers, the expected responses, and the expected figures.
import type { DescMethod, Message } from "@bufbuild/protobuf";
import type { Code } from "@connectrpc/connect";
import type { Variant } from "./peers/variant.ts";

/** The folders of `peers/`, the first of which is ours; and ours of another checkout. */
export type ServerName = "connectum" | "connect-node" | "grpc-js" | "limit" | "before";

/** One kind of call, sent to several servers in the same run. */
export interface Case {
  /** In kebab-case: the name of the file. */
  readonly name: string;
  readonly title: string;
  /** Servers to compare with ours. */
  readonly peers: readonly Exclude<ServerName, "connectum" | "before">[];
  /** How the servers are set up. Default `plain`. */
  readonly variant?: Variant;
  readonly protocol: "connect" | "grpc" | "grpc-web";
  /** Default false: protobuf. */
  readonly json?: boolean;
  /** Whether requests and responses are compressed. Default false. */
  readonly gzip?: boolean;
  readonly method: DescMethod;
  readonly requests: readonly Message[];
  /** Empty for a call that fails. */
  readonly responses: readonly Message[];
  /** The code of a call that fails. */
  readonly failure?: Code;
  /** Header fields of the request, and of the expected response. */
  readonly sends?: Readonly<Record<string, string>>;
  readonly expects?: Readonly<Record<string, string>>;
  /** Connections, and concurrent calls on each. Default 4 and 16. */
  readonly load?: { readonly connections: number; readonly concurrency: number };
  /** Expected figures. Default none: the case is for comparison only. */
  readonly targets?: Targets;
}

/** Ratios of CPU time: the minimum of a peer's to ours; the maximum of ours to `limit`'s. */
export interface Targets {
  readonly "connect-node"?: number;
  readonly "grpc-js"?: number;
  readonly limit?: number;
  /** Maximum CPU µs per message outside protobuf-es. */
  readonly overCodec?: number;
}

/** The number of messages, or pairs of messages, of one call. Figures of streams are read per message. */
export function messagesPerCall({ requests, responses }: Case): number {
  return Math.max(requests.length, responses.length);
}
