// Where an interceptor gets its tracer and its histograms from: its options, else the provider of the process.
import process from "node:process";
import type { Meter, TextMapPropagator, Tracer } from "@opentelemetry/api";
import { serviceMetadataOf } from "../environment/service-metadata.ts";
import { reportFault } from "../faults/report-fault.ts";
import { existingProvider, getProvider, initProvider } from "../provider/current-provider.ts";
import { environmentPropagator } from "../sdk/propagator.ts";
import type { OtelBaseOptions } from "./call-options.ts";
import type { Side } from "./chain.ts";
import { createInstruments, type RpcServerMetrics } from "./instruments.ts";

/** What a call is recorded with. Each is undefined if it is turned off. */
export interface Telemetry {
  readonly tracer: Tracer | undefined;
  readonly instruments: RpcServerMetrics | undefined;
  /** For calls while no propagator is registered; undefined if nothing is recorded. */
  readonly propagator: TextMapPropagator | undefined;
}

export class TelemetrySource {
  readonly #side: Side;
  readonly #options: OtelBaseOptions;
  #current: (Telemetry & { readonly origin: unknown; readonly meter: Meter | undefined }) | undefined;
  #hasFailed = false;

  constructor(side: Side, options: OtelBaseOptions) {
    this.#side = side;
    this.#options = options;
  }

  /**
   * Makes the provider of the process, if it is needed and there is none.
   *
   * @throws EnvVarError for a wrong variable
   */
  prepare(): void {
    if (this.#needsProvider) this.#makeProvider();
    if (this.#isRecording) environmentPropagator(process.env);
  }

  /** For a call. Undefined if the provider cannot be made, or throws, which is reported once: no fault of the call. */
  current(): Telemetry | undefined {
    const provider = existingProvider();
    if (this.#current !== undefined && this.#current.origin === provider) return this.#current;
    if (this.#needsProvider && provider === undefined) {
      if (this.#hasFailed) return undefined;
      try {
        this.#makeProvider();
      } catch (error) {
        this.#hasFailed = true;
        console.error("@connectum/otel: calls are not recorded:", error);
        return undefined;
      }
    }
    try {
      return this.#refresh();
    } catch (error) {
      // Such as a `meterProvider` that throws.
      reportFault(error);
      return undefined;
    }
  }

  get #needsProvider(): boolean {
    const { withoutTracing = false, withoutMetrics = false, tracerProvider, meterProvider } = this.#options;
    return (!withoutTracing && tracerProvider === undefined) || (!withoutMetrics && meterProvider === undefined);
  }

  /** Without settings nothing is recorded, and nothing is loaded. */
  get #isRecording(): boolean {
    const { tracerProvider, meterProvider } = this.#options;
    return tracerProvider !== undefined || meterProvider !== undefined || existingProvider()?.isExporting === true;
  }

  #makeProvider(): void {
    if (existingProvider() === undefined) initProvider({ serviceName: this.#options.serviceName });
  }

  /** A provider may have been replaced since: tracers and histograms of the old one record nothing. */
  #refresh(): Telemetry {
    const { withoutTracing = false, withoutMetrics = false, tracerProvider, meterProvider } = this.#options;
    const { name, version } = serviceMetadataOf(process.env);
    const scope = [this.#options.serviceName ?? name, version] as const;
    const tracer = withoutTracing ? undefined : (tracerProvider?.getTracer(...scope) ?? getProvider().tracer);
    const meter = withoutMetrics ? undefined : (meterProvider?.getMeter(...scope) ?? getProvider().meter);
    const before = this.#current;
    const instruments =
      meter === undefined || meter === before?.meter ? before?.instruments : createInstruments(meter, this.#side);
    const propagator = this.#isRecording ? environmentPropagator(process.env) : undefined;
    this.#current = { tracer, meter, instruments, propagator, origin: existingProvider() };
    return this.#current;
  }
}
