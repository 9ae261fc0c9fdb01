// Compiled, never run: the types that can be imported.
import type * as core from "@connectum/core";
import type * as config from "@connectum/core/config";
import type * as schema from "@connectum/core/schema";
import type * as types from "@connectum/core/types";

/** Generic types get an argument here. */
type Service = import("@bufbuild/protobuf").DescService;
type Method = import("@bufbuild/protobuf").DescMethod;

export type OfTheRoot = [
  core.ConnectumEnv,
  core.ConnectumMethodImpl<Method>,
  core.ConnectumServiceImpl<Service>,
  core.CorsOptions,
  core.CreateServerOptions,
  core.EffectiveTransport,
  core.EventBusLike,
  core.HttpHandler,
  core.LifecycleEvent,
  core.NodeRequest,
  core.NodeResponse,
  core.ProtocolContext,
  core.ProtocolRegistration,
  core.SanitizableError,
  core.Server,
  core.ServerState,
  core.ServiceDefinition,
  core.ServiceOptions,
  core.ShutdownHook,
  core.ShutdownOptions,
  core.StreamingMethodInfo,
  core.ServerCertificate,
  core.TLSOptions,
  core.TLSReload,
  core.TLSReloadError,
  core.TLSSource,
  core.TransportServer,
  core.TransportValidationMode,
  core.BidiStreamHandle<object, object>,
  core.CallOptions,
  core.CatalogCall,
  core.CatalogClient,
  core.CatalogStream,
  core.ClientStreamHandle<object, object>,
  core.ConnectumCallMap,
  core.ConnectumStreamMap,
  core.Context,
  core.CreateCatalogClientOptions,
  core.CreateLocalTransportOptions,
  core.DnsResolverOptions,
  core.PerServiceEnvResolverOptions,
  core.RemoteResolver,
  core.ResolverContext,
  core.ServerClientOptions,
  core.ServiceCatalog,
  core.StreamReturn<object>,
  // Ours.
  core.FetchHandler,
  core.Compression,
  core.Http2Options,
  core.Logger,
  core.MethodOptions,
  core.PemOrPath,
  core.ServiceRoute,
];

export type OfConfig = [config.ConnectumEnv];

export type OfSchema = [schema.RespondToReflection, schema.SchemaContents, schema.SchemaIndex];

export type OfTypes = [
  types.CorsOptions,
  types.CreateServerOptions,
  types.EventBusLike,
  types.FetchHandler,
  types.HttpHandler,
  types.LifecycleEvent,
  types.NodeRequest,
  types.NodeResponse,
  types.ProtocolContext,
  types.ProtocolRegistration,
  types.Server,
  types.ServerClientOptions,
  types.ServerState,
  types.ShutdownHook,
  types.ShutdownOptions,
  types.ServerCertificate,
  types.TLSOptions,
  types.TLSReload,
  types.TLSReloadError,
  types.TLSSource,
  types.TransportServer,
];
