// OTLP in JSON, as far as the tests read it. Numbers of 64 bits are text.

/** What attributes are once they are read. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** A list of attributes. */
export type KeyValues = readonly {
  readonly key: string;
  readonly value: {
    readonly stringValue?: string;
    readonly intValue?: string | number;
    readonly doubleValue?: number;
    readonly boolValue?: boolean;
  };
}[];

interface Resource {
  readonly attributes?: KeyValues;
}

interface Scope {
  readonly name: string;
  readonly version?: string;
}

export interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Of a root it is empty, or absent. */
  readonly parentSpanId?: string;
  readonly name: string;
  /** 1 is internal, 2 a server's, 3 a client's. */
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes?: KeyValues;
  readonly events?: readonly { readonly name: string; readonly attributes?: KeyValues }[];
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
  /** 1 is OK, 2 an error; absent if it is unset. */
  readonly status?: { readonly code?: number; readonly message?: string };
}

export interface OtlpTraces {
  readonly resourceSpans: readonly {
    readonly resource: Resource;
    readonly scopeSpans: readonly { readonly scope: Scope; readonly spans: readonly OtlpSpan[] }[];
  }[];
}

export interface OtlpMetrics {
  readonly resourceMetrics: readonly {
    readonly resource: Resource;
    readonly scopeMetrics: readonly {
      readonly scope: Scope;
      readonly metrics: readonly {
        readonly name: string;
        readonly unit: string;
        readonly histogram?: {
          /** 2 is cumulative. */
          readonly aggregationTemporality: number;
          readonly dataPoints: readonly {
            readonly attributes?: KeyValues;
            readonly count: string | number;
            readonly sum: number;
            readonly explicitBounds: readonly number[];
          }[];
        };
      }[];
    }[];
  }[];
}

export interface OtlpLogs {
  readonly resourceLogs: readonly {
    readonly resource: Resource;
    readonly scopeLogs: readonly {
      readonly scope: Scope;
      readonly logRecords: readonly {
        readonly severityNumber: number;
        readonly severityText: string;
        readonly body: object;
        readonly traceId: string;
        readonly spanId: string;
        readonly attributes?: KeyValues;
      }[];
    }[];
  }[];
}

/** The attributes by their keys. */
export function attributesOf(attributes: KeyValues = []): Attributes {
  return Object.fromEntries(
    attributes.map(({ key, value: { stringValue, intValue, doubleValue, boolValue } }) => [
      key,
      stringValue ?? (intValue === undefined ? (doubleValue ?? boolValue) : Number(intValue)),
    ]),
  );
}
