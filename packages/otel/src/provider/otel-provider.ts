// Tracer, meter and logger of this process: of what the application has registered, else of our own SDK.
import { type Meter, metrics, type Tracer, trace } from "@opentelemetry/api";
import { type Logger as LogsLogger, logs } from "@opentelemetry/api-logs";
import { spanBatchOf } from "../environment/batch-options.ts";
import { collectorOptionsOf } from "../environment/collector-options.ts";
import { ExporterType, type Signal } from "../environment/exporter-type.ts";
import { isDisabled, otlpSettingsOf } from "../environment/otlp-settings.ts";
import { buildResourceAttributes } from "../environment/resource-attributes.ts";
import { serviceMetadataOf } from "../environment/service-metadata.ts";
import type { Environment } from "../environment/variables.ts";
import { installDiagnostics } from "../sdk/diagnostics.ts";
import type { ExporterTerms } from "../sdk/exporters.ts";
import { inTime } from "../sdk/in-time.ts";
import { startLogs } from "../sdk/logs.ts";
import { startMetrics } from "../sdk/metrics.ts";
import { hasMeterProvider, hasTracerProvider, logsApiInUse } from "../sdk/registered.ts";
import { resourceOf } from "../sdk/resource.ts";
import type { StartedSignal } from "../sdk/started-signal.ts";
import { startTraces } from "../sdk/traces.ts";
import type { ProviderOptions } from "./provider-options.ts";

export class OtelProvider {
  readonly tracer: Tracer;
  readonly meter: Meter;
  readonly logger: LogsLogger;
  readonly #started: (StartedSignal<unknown> & { readonly signal: Signal })[] = [];
  /** The longest that a shutdown may take. */
  readonly #timeoutMs: number;
  readonly #cleanups: (() => void)[] = [];
  #ending: Promise<void> | undefined;

  /**
   * Loads and registers what the signals need that have an exporter, and for which nothing is registered.
   *
   * @throws EnvVarError for a wrong variable. Then nothing stays registered
   */
  constructor(options: ProviderOptions, env: Environment) {
    const settings = { ...otlpSettingsOf(env), ...defined(isDisabled(env) ? {} : (options.settings ?? {})) };
    const { concurrencyLimit } = collectorOptionsOf(env);
    this.#timeoutMs = spanBatchOf(env).exportTimeoutMillis;
    const metadata = serviceMetadataOf(env);
    const { serviceName = metadata.name, serviceVersion = metadata.version } = options;
    const { instanceId, resourceAttributes } = options;
    const attributes = buildResourceAttributes({ serviceName, serviceVersion, instanceId, resourceAttributes, env });
    /** The provider of a signal: the registered one if there is one, or nothing to export. */
    const startUnless = <P>(
      signal: Signal,
      isThere: boolean,
      start: (resource: ReturnType<typeof resourceOf>, terms: ExporterTerms) => StartedSignal<P>,
    ): P | undefined => {
      const type = settings[signal];
      if (isThere || type === ExporterType.NONE) return undefined;
      if (this.#started.length === 0) this.#cleanups.push(installDiagnostics());
      const started = start(resourceOf(attributes), { type, env, concurrencyLimit });
      this.#started.push({ ...started, signal });
      return started.provider;
    };
    try {
      const tracers = startUnless("traces", hasTracerProvider(), startTraces);
      const meters = startUnless("metrics", hasMeterProvider(), startMetrics);
      const loggers = startUnless("logs", logsApiInUse() !== undefined, startLogs);
      // The API's tracer follows a provider that is registered later.
      this.tracer = (tracers ?? trace).getTracer(serviceName, serviceVersion);
      this.meter = (meters ?? metrics).getMeter(serviceName, serviceVersion);
      this.logger = (loggers ?? logsApiInUse()?.getLoggerProvider() ?? logs).getLogger(serviceName, serviceVersion);
    } catch (error) {
      this.#unregister();
      for (const { shutdown } of this.#started) void shutdown().catch(() => {});
      for (const cleanup of this.#cleanups) cleanup();
      throw error;
    }
  }

  /** Whether it exports any signal itself. */
  get isExporting(): boolean {
    return this.#started.length > 0;
  }

  /**
   * Takes back what was registered, and exports what is left of all signals at once, whatever one of them does. What
   * the application registered is not touched. Each call returns the same promise.
   *
   * @throws the failure of a signal, after `OTEL_BSP_EXPORT_TIMEOUT` too; an AggregateError if several fail. Requests
   * that are under way then keep the process alive for at most `OTEL_EXPORTER_OTLP_TIMEOUT`, 10 s by default
   */
  shutdown(): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  async #end(): Promise<void> {
    this.#unregister();
    const results = await Promise.allSettled(
      this.#started.map(({ shutdown, giveUp, signal }) => inTime(shutdown(), this.#timeoutMs, signal).finally(giveUp)),
    );
    for (const cleanup of this.#cleanups) cleanup();
    const failures = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
    if (failures.length > 1) throw new AggregateError(failures, failures.map(String).join("; "));
    if (failures.length === 1) throw failures[0];
  }

  #unregister(): void {
    for (const { unregister } of this.#started) unregister();
  }
}

/** Without keys whose value is undefined: they count as absent. */
function defined<T extends object>(given: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}
