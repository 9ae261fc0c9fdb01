// What exporters of all signals have.

export interface Exporter {
  export(items: unknown, done: (result: ExportResult) => void): void;
}

/** `ExportResult` of `@opentelemetry/core`: 0 is success. */
export interface ExportResult {
  readonly code: number;
  readonly error?: Error | undefined;
}
