// The attributes of a call that are known when it begins, made once for each method and protocol.
import { hostname } from "node:os";
import process from "node:process";
import type { DescMethod } from "@bufbuild/protobuf";
import { callPeerOf, type ObservableCall, observableCallOf } from "@connectum/hooks";
import type { Attributes } from "@opentelemetry/api";
import { applyAttributeFilter, buildBaseAttributes, type OtelAttributeFilter } from "../conventions/base-attributes.ts";
import { type OutcomeTerms, successAttributes } from "../conventions/error-attributes.ts";
import { ATTR_CONNECTUM_TRANSPORT, ATTR_CONNECTUM_TRANSPORT_METRIC } from "../conventions/names.ts";
import { peerAttributes } from "../conventions/peer-attributes.ts";
import { protocolNamed, protocolOf } from "../conventions/rpc-protocol.ts";
import { type ConnectumTransport, detectConnectumTransport } from "../conventions/transport.ts";
import { type Semconv, semconvOf } from "../environment/semconv.ts";
import { reportFault } from "../faults/report-fault.ts";
import { type Authority, authorityOf, originOf } from "./authority.ts";
import type { OtelClientInterceptorOptions } from "./call-options.ts";
import type { AnyRequest, Side } from "./chain.ts";

/** What is known of a call when it begins. Shared by all such calls. */
export interface CallFacts extends OutcomeTerms {
  readonly method: DescMethod;
  /** `pkg.Service/Method`. */
  readonly spanName: string;
  readonly spanAttributes: Attributes;
  readonly metricAttributes: Attributes;
  /** Those of spans and metrics of calls that succeed, beside the others. */
  readonly success: Attributes;
  /** All attributes of the points of a call that succeeds. */
  readonly successPoint: Attributes;
}

/** So many are kept for a method: a client may call many servers. */
const MOST_FACTS = 1_000;

const keysOf = (transport: ConnectumTransport) => ({
  connect: `connect ${transport} `,
  grpc: `grpc ${transport} `,
  "grpc-web": `grpc-web ${transport} `,
});
/** Parts of keys. Made once: to put a text together for each call costs more than to find what it stands for. */
const KEYS = { http: keysOf("http"), "in-process": keysOf("in-process") } as const;

/** Leaves an attribute out for which the filter throws: it may be one that nobody is to see. */
function withoutFaults(filter: OtelAttributeFilter): OtelAttributeFilter {
  return (key, value) => {
    try {
      return filter(key, value);
    } catch (error) {
      reportFault(error);
      return false;
    }
  };
}

export class CallFactsOf {
  readonly #side: Side;
  readonly #options: OtelClientInterceptorOptions;
  readonly #filter: OtelAttributeFilter | undefined;
  readonly #semconv: Semconv;
  readonly #hostname = hostname();
  readonly #made = new WeakMap<DescMethod, Map<string, CallFacts>>();

  constructor(side: Side, options: OtelClientInterceptorOptions) {
    this.#side = side;
    this.#options = options;
    this.#filter = options.attributeFilter && withoutFaults(options.attributeFilter);
    this.#semconv = options.semconv ?? semconvOf(process.env);
  }

  of(request: AnyRequest): CallFacts {
    // Without the headers, which our own server makes when they are looked at.
    const call = this.#side === "server" ? observableCallOf(request) : undefined;
    const protocol = call === undefined ? protocolOf(request.header.get("content-type")) : protocolNamed(call);
    const transport = this.#transportOf(request, call);
    const key = this.#side === "server" ? KEYS[transport][protocol] : KEYS[transport][protocol] + originOf(request.url);
    let ofMethod = this.#made.get(request.method);
    if (ofMethod === undefined || ofMethod.size > MOST_FACTS) {
      ofMethod = new Map();
      this.#made.set(request.method, ofMethod);
    }
    let facts = ofMethod.get(key);
    if (facts === undefined) {
      const terms = { side: this.#side, protocol, semconv: this.#semconv };
      facts = this.#make(request.method, terms, transport, this.#addressOf(request));
      ofMethod.set(key, facts);
    }
    return facts;
  }

  /**
   * The attributes with which a span begins. With the stable names, the authority that a server was called by is one of
   * them: a client's text, of unlimited number, so it is on no metric.
   */
  ofSpan({ spanAttributes }: CallFacts, request: AnyRequest): Attributes {
    const { serverAddress, serverPort } = this.#options;
    if (this.#side === "client" || this.#semconv === "legacy" || serverAddress !== undefined) return spanAttributes;
    const { address, port } = authorityOf(request.url);
    const given = serverPort ?? port;
    const attributes = { "server.address": address, ...(given !== undefined && { "server.port": given }) };
    return { ...spanAttributes, ...applyAttributeFilter(attributes, this.#filter) };
  }

  /**
   * Attributes of the connection of a call, as our own server knows it. Clients' texts as well. To be asked for only by
   * a span that records.
   */
  ofConnection(request: AnyRequest): Attributes | undefined {
    const peer = callPeerOf(request);
    return peer && applyAttributeFilter(peerAttributes(peer), this.#filter);
  }

  /** For all attributes: the option; else the host's name on a server, and the request's URL in a client. */
  #addressOf(request: AnyRequest): Authority | undefined {
    const { serverAddress, serverPort } = this.#options;
    if (serverAddress !== undefined) return { address: serverAddress, port: serverPort };
    if (this.#side === "client") {
      const { address, port } = authorityOf(request.url);
      return { address, port: serverPort ?? port };
    }
    return this.#semconv === "stable" ? undefined : { address: this.#hostname, port: serverPort };
  }

  /** Our own server knows it. Other servers pass on the marker of a client, who may lie. */
  #transportOf(request: AnyRequest, call: ObservableCall | undefined): ConnectumTransport {
    if (this.#side === "client") return detectConnectumTransport(request.header);
    return call?.isLocal === true ? "in-process" : "http";
  }

  #make(
    method: DescMethod,
    terms: OutcomeTerms,
    transport: ConnectumTransport,
    authority: Authority | undefined,
  ): CallFacts {
    const { typeName: service } = method.parent;
    const base = applyAttributeFilter(
      buildBaseAttributes({
        service,
        method: method.name,
        serverAddress: authority?.address,
        serverPort: authority?.port,
        transport,
        ...terms,
      }),
      this.#filter,
    );
    const metricAttributes = { ...base, [ATTR_CONNECTUM_TRANSPORT_METRIC]: transport };
    const success = successAttributes(terms);
    return {
      ...terms,
      method,
      spanName: `${service}/${method.name}`,
      spanAttributes: Object.freeze({ ...base, [ATTR_CONNECTUM_TRANSPORT]: transport }),
      metricAttributes,
      success,
      successPoint: { ...metricAttributes, ...success },
    };
  }
}
