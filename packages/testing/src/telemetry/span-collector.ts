// Spans in memory.
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { by } from "../order/by.ts";
import { sortedWithout, TRANSPORT_SPAN_ATTRIBUTE } from "./normalized.ts";

/** A span, without its times, links, resource and scope. */
export interface NormalizedSpan {
  name: string;
  /** A `SpanKind` of OpenTelemetry: 1 is a server, 2 a client. */
  kind: number;
  /** By their keys in order, without `connectum.transport`. */
  attributes: Record<string, unknown>;
  /** By name, then by attributes. */
  events: Array<{ name: string; attributes: Record<string, unknown> }>;
  /** The code is a `SpanStatusCode`: 0 is unset, 2 an error. */
  status: { code: number; message: string | undefined };
  traceId: string;
  spanId: string;
  parentSpanId: string | undefined;
}

/**
 * The spans of one test, of a provider that is registered nowhere:
 *
 * ```ts
 * const spans = new InMemorySpanCollector();
 * const interceptors = [createOtelInterceptor({ ...spans.options, withoutMetrics: true })];
 * ```
 */
export class InMemorySpanCollector {
  readonly exporter: InMemorySpanExporter;
  readonly provider: BasicTracerProvider;
  /** For interceptors of `@connectum/otel`, and others with this option. */
  readonly options: { readonly tracerProvider: BasicTracerProvider };

  constructor() {
    this.exporter = new InMemorySpanExporter();
    this.provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(this.exporter)] });
    this.options = { tracerProvider: this.provider };
  }

  /** The spans that have ended since the last `reset()`: by name, then by kind, then by attributes. */
  flush(): NormalizedSpan[] {
    const json = ({ attributes }: { attributes: object }) => JSON.stringify(attributes);
    const spans = this.exporter.getFinishedSpans().map(normalized);
    return spans.sort(
      by<NormalizedSpan>(
        ({ name }) => name,
        ({ kind }) => `${kind}`,
        json,
      ),
    );
  }

  /** Forgets the spans that have ended. */
  reset(): void {
    this.exporter.reset();
  }

  /** Shuts the provider down. Spans that end later are lost. */
  async dispose(): Promise<void> {
    await this.provider.shutdown();
  }
}

function normalized(span: ReadableSpan): NormalizedSpan {
  const { traceId, spanId } = span.spanContext();
  const events = span.events.map(({ name, attributes }) => ({
    name,
    attributes: sortedWithout(attributes, TRANSPORT_SPAN_ATTRIBUTE),
  }));
  const json = ({ attributes }: { attributes: object }) => JSON.stringify(attributes);
  return {
    name: span.name,
    kind: span.kind,
    attributes: sortedWithout(span.attributes, TRANSPORT_SPAN_ATTRIBUTE),
    events: events.sort(by<(typeof events)[number]>(({ name }) => name, json)),
    status: { code: span.status.code, message: span.status.message },
    traceId,
    spanId,
    parentSpanId: span.parentSpanContext?.spanId,
  };
}
