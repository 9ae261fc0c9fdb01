// A destination of pino that emits records of OpenTelemetry.
import { isPlainObject } from "@connectum/hooks";
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

/** What `pino(destination)` and `pino(options, destination)` write to. */
export interface PinoStream {
  /** By it pino tells a stream from options when it is the only argument. */
  readonly writable: true;
  /** @param line a line of JSON. What is none is emitted as it is */
  write(line: string): void;
}

/**
 * A destination for pino: `pino(otelPinoStream())`. A line becomes a record with the trace and span of where it was
 * logged. `msg` is its body, `level` its severity, `time` its time, `err` its `exception.*`; other fields are
 * attributes, but `pid` and `hostname`, which belong to the resource. With a transport or a worker the span is lost.
 */
export function otelPinoStream(): PinoStream {
  return {
    writable: true,
    write(line) {
      const fields = fieldsOf(line);
      const { logger } = getProvider();
      if (fields === undefined) return logger.emit({ body: line.trimEnd() });
      const { level, time, msg, err, pid: _pid, hostname: _hostname, ...others } = fields;
      const [, severityNumber, severityText] = severityOf(level);
      logger.emit({
        severityNumber,
        severityText,
        body: msg ?? "",
        attributes: { ...others, ...(isPlainObject(err) && pinoError(err)) },
        ...(typeof time === "number" && { timestamp: time }),
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
  const number = typeof level === "number" ? level : 30;
  return SEVERITIES.find(([least]) => number >= least) ?? ([30, SeverityNumber.INFO, "INFO"] as const);
}

function fieldsOf(line: string): Record<string, AnyValue> | undefined {
  try {
    const fields: unknown = JSON.parse(line);
    return isPlainObject(fields) ? (fields as Record<string, AnyValue>) : undefined;
  } catch {
    return undefined;
  }
}
