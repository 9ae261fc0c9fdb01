// A destination of pino that emits records of OpenTelemetry.
import { assertKnownKeys, assertString, isPlainObject } from "@connectum/hooks";
import { type AnyValue, type AnyValueMap, SeverityNumber } from "@opentelemetry/api-logs";
import { getProvider } from "../provider/current-provider.ts";
import { exceptionAttributes } from "./error-attributes.ts";

/** The severities of pino's levels: 10 is `trace`, 60 `fatal`. */
const SEVERITIES: readonly [level: number, severity: SeverityNumber, text: string][] = [
  [60, SeverityNumber.FATAL, "FATAL"],
  [50, SeverityNumber.ERROR, "ERROR"],
  [40, SeverityNumber.WARN, "WARN"],
  [30, SeverityNumber.INFO, "INFO"],
  [20, SeverityNumber.DEBUG, "DEBUG"],
  [-Infinity, SeverityNumber.TRACE, "TRACE"],
];

/** Of a level that is none of pino's. */
const DEFAULT = [30, SeverityNumber.INFO, "INFO"] as const;

/** What `pino(destination)` and `pino(options, destination)` write to. */
export interface PinoStream {
  /** By it pino tells a stream from options when it is the only argument. */
  readonly writable: true;
  /** @param line a line of JSON. What is none is emitted as it is */
  write(line: string): void;
}

/** Names that pino's own options may change. */
export interface PinoStreamOptions {
  /** The field of the text, as pino's option. Default `msg`. */
  messageKey?: string | undefined;
  /** The field of an error, as pino's option. Default `err`. */
  errorKey?: string | undefined;
}

/**
 * A destination for pino: `pino(otelPinoStream())`. A line becomes a record with the trace and span of where it was
 * logged. `msg` is its body, `level`, a number or a label, its severity, `time`, in milliseconds, in seconds or by ISO
 * 8601, its time, `err` its `exception.*`; other fields are attributes, but `pid` and `hostname`, which belong to the
 * resource. Which levels are written is pino's to say. With a transport or a worker the span is lost.
 *
 * @throws TypeError for an invalid option
 */
export function otelPinoStream(options: PinoStreamOptions = {}): PinoStream {
  const where = "otelPinoStream";
  assertKnownKeys(options, { messageKey: true, errorKey: true }, { where });
  assertString(where, "messageKey", options.messageKey);
  assertString(where, "errorKey", options.errorKey);
  const { messageKey = "msg", errorKey = "err" } = options;
  return {
    writable: true,
    write(line) {
      const fields = fieldsOf(line);
      const { logger } = getProvider();
      if (fields === undefined) return logger.emit({ body: line.trimEnd() });
      const { level, time, [messageKey]: msg, [errorKey]: err, pid: _pid, hostname: _hostname, ...others } = fields;
      const timestamp = timeOf(time);
      const [, severityNumber, severityText] = severityOf(level);
      logger.emit({
        severityNumber,
        severityText,
        body: msg ?? "",
        attributes: { ...others, ...(isPlainObject(err) && pinoError(err)) },
        ...(timestamp !== undefined && { timestamp }),
      });
    },
  };
}

/** An error as pino writes it: `type`, `message` and `stack`. */
function pinoError(error: object): AnyValueMap {
  const { type, message, stack } = error as Record<string, unknown>;
  const text = typeof stack === "string" ? stack : undefined;
  return exceptionAttributes(String(type ?? "Error"), String(message ?? ""), text);
}

function severityOf(level: AnyValue) {
  const label = typeof level === "string" ? level.toUpperCase() : undefined;
  const number = typeof level === "number" ? level : SEVERITIES.find(([, , text]) => text === label)?.[0];
  if (number === undefined) return DEFAULT;
  return SEVERITIES.find(([least]) => number >= least) ?? DEFAULT;
}

/** In milliseconds. pino's `unixTime` are seconds: as milliseconds such a number would be in 1973 or before. */
function timeOf(time: AnyValue): number | undefined {
  if (typeof time === "number") return time < 1e11 ? time * 1_000 : time;
  const parsed = typeof time === "string" ? Date.parse(time) : Number.NaN;
  return Number.isNaN(parsed) ? undefined : parsed;
}

function fieldsOf(line: string): Record<string, AnyValue> | undefined {
  try {
    const fields: unknown = JSON.parse(line);
    return isPlainObject(fields) ? (fields as Record<string, AnyValue>) : undefined;
  } catch {
    return undefined;
  }
}
