// The configuration of Envoy: health checks of a server, and a proxy that turns gRPC-Web and Connect into gRPC.
import { certificatePath } from "../support/certificates.ts";

/** A server in the configuration. */
export interface Upstream {
  /** `http://127.0.0.1:port` or `https://localhost:port`. */
  readonly url: string;
  /** One of the checks of its `config.core.v3.HealthCheck`; undefined is none. */
  readonly check?: Record<string, object>;
}

/** Envoy's `config.bootstrap.v3.Bootstrap`: one listener, on a free port, and one server behind it. */
export function envoyConfiguration({ url, check }: Upstream) {
  const { protocol, port } = new URL(url);
  const filters = [
    extension("envoy.filters.http.grpc_web", "http.grpc_web.v3.GrpcWeb"),
    extension("envoy.filters.http.connect_grpc_bridge", "http.connect_grpc_bridge.v3.FilterConfig"),
    extension("envoy.filters.http.router", "http.router.v3.Router"),
  ];
  const route = { match: { prefix: "/" }, route: { cluster: "server", timeout: "0s" } };
  const manager = extension(
    "envoy.filters.network.http_connection_manager",
    "network.http_connection_manager.v3.HttpConnectionManager",
    {
      stat_prefix: "front",
      http_filters: filters,
      route_config: { virtual_hosts: [{ name: "all", domains: ["*"], routes: [route] }] },
    },
  );
  return {
    admin: { address: loopback(0) },
    static_resources: {
      listeners: [{ name: "front", address: loopback(0), filter_chains: [{ filters: [manager] }] }],
      clusters: [
        {
          name: "server",
          load_assignment: {
            cluster_name: "server",
            endpoints: [{ lb_endpoints: [{ endpoint: { address: loopback(Number(port)) } }] }],
          },
          typed_extension_protocol_options: http2,
          common_lb_config: balancing,
          ...(check !== undefined && { health_checks: [{ ...interval, ...check }] }),
          ...(protocol === "https:" && { transport_socket: tls }),
        },
      ],
    },
  };
}

const interval = {
  interval: "0.1s",
  // The interval until the first call.
  no_traffic_interval: "0.1s",
  timeout: "2s",
  healthy_threshold: 1,
  unhealthy_threshold: 1,
};

const balancing = {
  // An unhealthy server is not called, even if there is no other.
  healthy_panic_threshold: { value: 0 },
  // Status changes reach the worker threads at once, instead of in batches of a second.
  update_merge_window: "0s",
};

const http2 = {
  "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
    "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
    explicit_http_config: { http2_protocol_options: {} },
  },
};

const tls = {
  name: "envoy.transport_sockets.tls",
  typed_config: {
    "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
    sni: "localhost",
    common_tls_context: {
      alpn_protocols: ["h2"],
      validation_context: { trusted_ca: { filename: certificatePath("ca.crt") } },
    },
  },
};

function extension(name: string, type: string, config: object = {}) {
  return {
    name,
    typed_config: { "@type": `type.googleapis.com/envoy.extensions.filters.${type}`, ...config },
  };
}

function loopback(port: number) {
  return { socket_address: { address: "127.0.0.1", port_value: port } };
}
