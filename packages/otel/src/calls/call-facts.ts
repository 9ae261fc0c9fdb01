// The attributes of a call that are known when it begins, made once for each method and protocol.
import { hostname } from "node:os";
import process from "node:process";
import type { DescMethod } from "@bufbuild/protobuf";
import { reportOf } from "@connectum/hooks";
import type { Attributes } from "@opentelemetry/api";
import { applyAttributeFilter, buildBaseAttributes } from "../conventions/base-attributes.ts";
import { type OutcomeTerms, successAttributes } from "../conventions/error-attributes.ts";
import { ATTR_CONNECTUM_TRANSPORT, ATTR_CONNECTUM_TRANSPORT_METRIC } from "../conventions/names.ts";
import { protocolOf } from "../conventions/rpc-protocol.ts";
import { type ConnectumTransport, detectConnectumTransport } from "../conventions/transport.ts";
import { type Semconv, semconvOf } from "../environment/semconv.ts";
import { type Authority, authorityOf } from "./authority.ts";
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

/** So many are kept for a method: authorities of clients may be many. */
const MOST_FACTS = 1_000;

export class CallFactsOf {
  readonly #side: Side;
  readonly #options: OtelClientInterceptorOptions;
  readonly #semconv: Semconv;
  readonly #hostname = hostname();
  readonly #made = new WeakMap<DescMethod, Map<string, CallFacts>>();

  constructor(side: Side, options: OtelClientInterceptorOptions) {
    this.#side = side;
    this.#options = options;
    this.#semconv = options.semconv ?? semconvOf(process.env);
  }

  of(request: AnyRequest): CallFacts {
    const protocol = protocolOf(request.header.get("content-type"));
    const transport = this.#transportOf(request);
    const authority = this.#addressOf(request);
    const key = `${protocol} ${transport} ${authority?.address}:${authority?.port}`;
    let ofMethod = this.#made.get(request.method);
    if (ofMethod === undefined || ofMethod.size > MOST_FACTS) {
      ofMethod = new Map();
      this.#made.set(request.method, ofMethod);
    }
    let facts = ofMethod.get(key);
    if (facts === undefined) {
      facts = this.#make(request.method, { side: this.#side, protocol, semconv: this.#semconv }, transport, authority);
      ofMethod.set(key, facts);
    }
    return facts;
  }

  /**
   * Attributes of a span that are a client's text: with the stable names, the authority that a server was called by. Of
   * unlimited number, so they are on no metric. The peer's address, the HTTP version and the kind of socket belong here
   * too, once the core tells them.
   */
  ofSpanAlone(request: AnyRequest): Attributes | undefined {
    const { serverAddress, serverPort, attributeFilter } = this.#options;
    if (this.#side === "client" || this.#semconv === "legacy" || serverAddress !== undefined) return undefined;
    const { address, port } = authorityOf(request.url);
    const given = serverPort ?? port;
    const attributes = { "server.address": address, ...(given !== undefined && { "server.port": given }) };
    return applyAttributeFilter(attributes, attributeFilter);
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

  /**
   * On a server the marker counts only in requests of our core, which removes it from those off the wire. Other servers
   * pass on what a client sent.
   */
  #transportOf(request: AnyRequest): ConnectumTransport {
    if (this.#side === "server" && reportOf(request) === undefined) return "http";
    return detectConnectumTransport(request.header);
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
      this.#options.attributeFilter,
    );
    const metricAttributes = { ...base, [ATTR_CONNECTUM_TRANSPORT_METRIC]: transport };
    const success = successAttributes(terms);
    return {
      ...terms,
      method,
      spanName: `${service}/${method.name}`,
      spanAttributes: { ...base, [ATTR_CONNECTUM_TRANSPORT]: transport },
      metricAttributes,
      success,
      successPoint: { ...metricAttributes, ...success },
    };
  }
}
