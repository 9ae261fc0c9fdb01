// The logger provider of our own.
import type { LoggerProvider } from "@opentelemetry/api-logs";
import type { Resource } from "@opentelemetry/resources";
import { forSdk, logBatchOf } from "../environment/batch-options.ts";
import { type ExporterTerms, logExporter } from "./exporters.ts";
import { load } from "./load.ts";
import { logsApis } from "./registered.ts";
import type { StartedSignal } from "./started-signal.ts";

/**
 * Registers a logger provider that exports in batches.
 *
 * @throws EnvVarError for a wrong variable
 */
export function startLogs(resource: Resource, terms: ExporterTerms): StartedSignal<LoggerProvider> {
  const { BatchLogRecordProcessor, LoggerProvider } = load(
    "@opentelemetry/sdk-logs",
  ) as typeof import("@opentelemetry/sdk-logs");
  const batch = logBatchOf(terms.env);
  const { exporter, end, giveUp } = logExporter(terms, batch.exportTimeoutMillis);
  const processor = new BatchLogRecordProcessor({ exporter, ...forSdk(batch) });
  const provider = new LoggerProvider({ resource, processors: [processor] });
  for (const api of logsApis()) api.setGlobalLoggerProvider(provider);
  return {
    provider,
    unregister() {
      for (const api of logsApis()) if (api.getLoggerProvider() === provider) api.disable();
    },
    shutdown: () => end(() => provider.shutdown()),
    giveUp,
  };
}
