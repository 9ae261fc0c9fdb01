// A logger whose records belong to the active span.
import process from "node:process";
import { assertKnownKeys, assertObject, assertString, isPlainObject } from "@connectum/hooks";
import { trace } from "@opentelemetry/api";
import { type AnyValueMap, type LogRecord, SeverityNumber } from "@opentelemetry/api-logs";
import { ATTR_RPC_SERVICE } from "../conventions/names.ts";
import { isAtLeast, logLevelOf } from "../environment/log-level.ts";
import { reportFault } from "../faults/report-fault.ts";
import { isError, textOf } from "../faults/thrown.ts";
import { getProvider } from "../provider/current-provider.ts";
import { addAttributes, attributeValue } from "./attribute-values.ts";
import { errorAttributes } from "./error-attributes.ts";

export interface LoggerOptions {
  /** Attributes of each record of the four levels. Those of a call win. */
  defaultAttributes?: AnyValueMap | undefined;
}

/**
 * Further arguments: an object of attributes; an error, whose type, message and stack become `exception.*`, also as
 * an attribute, such as `{ err }`; anything else becomes text in `details`. So it fits `createServer({ logger })`.
 * Attributes may be of any kind: what OpenTelemetry does not know is text, a Date ISO 8601. No method throws.
 */
export interface Logger {
  info(message: string, attributes?: LogAttributes | Error, ...details: unknown[]): void;
  warn(message: string, attributes?: LogAttributes | Error, ...details: unknown[]): void;
  error(message: string, attributes?: LogAttributes | Error, ...details: unknown[]): void;
  debug(message: string, attributes?: LogAttributes | Error, ...details: unknown[]): void;
  /** Emits a record as it is. */
  emit(record: LogRecord): void;
}

/** Attributes of a record, by name. */
export type LogAttributes = Readonly<Record<string, unknown>>;

type Level = "debug" | "info" | "warn" | "error";

const SEVERITY = {
  debug: SeverityNumber.DEBUG,
  info: SeverityNumber.INFO,
  warn: SeverityNumber.WARN,
  error: SeverityNumber.ERROR,
} as const satisfies Record<Level, SeverityNumber>;

/**
 * A new logger. Its records have the trace and span of where they are emitted, the text, the severity (`INFO`, 9), and
 * `logger.name`: the name, else the service of the active span, else `unknown`. Records below `LOG_LEVEL`, read now,
 * are dropped.
 *
 * @throws EnvVarError for a wrong variable; TypeError for an invalid option
 */
export function getLogger(name?: string | undefined, options: LoggerOptions = {}): Logger {
  assertString("getLogger", "name", name);
  assertKnownKeys(options, { defaultAttributes: true }, { where: "getLogger" });
  assertObject("getLogger", "defaultAttributes", options.defaultAttributes);
  const least = logLevelOf(process.env);
  const { logger } = getProvider();
  const defaults: AnyValueMap = {};
  addAttributes(defaults, options.defaultAttributes ?? {});
  const emit = (record: LogRecord) => {
    try {
      logger.emit(record);
    } catch (error) {
      // Such as a processor that throws.
      reportFault(error);
    }
  };
  const method = (level: Level) => {
    if (!isAtLeast(level, least)) return () => {};
    const severity = { severityNumber: SEVERITY[level], severityText: level.toUpperCase() };
    return (message: string, ...details: unknown[]) => {
      const attributes = { "logger.name": name ?? activeService(), ...defaults, ...attributesOf(details) };
      emit({ ...severity, body: attributeValue(message), attributes });
    };
  };
  return {
    info: method("info"),
    warn: method("warn"),
    error: method("error"),
    debug: method("debug"),
    emit,
  };
}

/** The service of the active span, if that shows its attributes, as those of the SDK do. */
function activeService(): string {
  const span = trace.getActiveSpan();
  const attributes: unknown = span === undefined ? undefined : Reflect.get(span, "attributes");
  const service: unknown = isPlainObject(attributes) ? Reflect.get(attributes, ATTR_RPC_SERVICE) : undefined;
  return typeof service === "string" ? service : "unknown";
}

/** Whether it is an object of attributes. A revoked proxy is none. */
function isAttributes(detail: unknown): detail is object {
  try {
    return isPlainObject(detail);
  } catch {
    return false;
  }
}

/** Containers, such as an array or a Map, as JSON. */
function textFor(detail: unknown): string {
  const value = typeof detail === "object" ? attributeValue(detail) : textOf(detail);
  return typeof value === "string" ? value : JSON.stringify(value);
}

function attributesOf(details: readonly unknown[]): AnyValueMap {
  if (details.length === 0) return {};
  const others: string[] = [];
  const attributes: AnyValueMap = {};
  for (const detail of details) {
    if (detail === undefined) continue;
    if (isError(detail)) Object.assign(attributes, errorAttributes(detail));
    else if (isAttributes(detail)) addAttributes(attributes, detail);
    else others.push(textFor(detail));
  }
  return others.length === 0 ? attributes : { ...attributes, details: others.join(" ") };
}
