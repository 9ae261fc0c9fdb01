// Compiled, never run: the types that can be imported, and those that are promised but not implemented yet.
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
  core.TLSOptions,
  core.TransportServer,
  core.TransportValidationMode,
  // Ours.
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
  types.CreateServerOptions,
  types.EventBusLike,
  types.HttpHandler,
  types.LifecycleEvent,
  types.NodeRequest,
  types.NodeResponse,
  types.ProtocolContext,
  types.ProtocolRegistration,
  types.Server,
  types.ServerState,
  types.ShutdownHook,
  types.ShutdownOptions,
  types.TLSOptions,
  types.TransportServer,
];

/** This list gets shorter: a name that exists by now does not compile. */
export type Missing = [
  // @ts-expect-error Not there yet.
  core.BidiStreamHandle,
  // @ts-expect-error Not there yet.
  core.CallOptions,
  // @ts-expect-error Not there yet.
  core.CatalogCall,
  // @ts-expect-error Not there yet.
  core.CatalogClient,
  // @ts-expect-error Not there yet.
  core.CatalogStream,
  // @ts-expect-error Not there yet.
  core.ClientStreamHandle,
  // @ts-expect-error Not there yet.
  core.ConnectumCallMap,
  // @ts-expect-error Not there yet.
  core.ConnectumStreamMap,
  // @ts-expect-error Not there yet.
  core.Context,
  // @ts-expect-error Not there yet.
  core.CreateCatalogClientOptions,
  // @ts-expect-error Not there yet.
  core.CreateLocalTransportOptions,
  // @ts-expect-error Not there yet.
  core.DnsResolverOptions,
  // @ts-expect-error Not there yet.
  core.PerServiceEnvResolverOptions,
  // @ts-expect-error Not there yet.
  core.RemoteResolver,
  // @ts-expect-error Not there yet.
  core.ResolverContext,
  // @ts-expect-error Not there yet.
  core.ServerClientOptions,
  // @ts-expect-error Not there yet.
  core.ServiceCatalog,
  // @ts-expect-error Not there yet.
  core.StreamReturn,
  // @ts-expect-error Not there yet.
  types.ServerClientOptions,
];
