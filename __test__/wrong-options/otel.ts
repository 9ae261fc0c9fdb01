// Wrong options of @connectum/otel.
import {
  createOtelClientInterceptor,
  createOtelInterceptor,
  getLogger,
  initProvider,
  type LoggerOptions,
  type OTLPSettings,
  type OtelClientInterceptorOptions,
  type OtelInterceptorOptions,
  otelPinoStream,
  type PinoStreamOptions,
  type ProviderOptions,
  type TraceAllOptions,
  type TracedOptions,
  traceAll,
  traced,
} from "@connectum/otel";
import type { OptionsObject, WrongOptions } from "./options-object.ts";

/** Uses options of any type, as JavaScript may. */
const using = (factory: unknown) => factory as (options: unknown) => unknown;

/** The rows of options that both interceptors have. */
const both = (name: string) => {
  const text = <K extends string>(
    option: K,
    value: unknown,
    complaint: string,
    kind = "TypeError",
  ): readonly [WrongOptions<K>] => {
    const options = { [option]: value } as WrongOptions<K>[0];
    return [[options, `${kind}: ${name}: ${option} must be ${complaint}`]];
  };
  return {
    withoutTracing: text("withoutTracing", 1, "true or false, not 1"),
    withoutMetrics: text("withoutMetrics", "no", 'true or false, not "no"'),
    filter: text("filter", true, "a function, not true"),
    attributeFilter: text("attributeFilter", ["a"], "a function, not an array"),
    recordMessages: text("recordMessages", {}, "true or false, not an object"),
    sizes: text("sizes", 0, "true or false, not 0"),
    semconv: text("semconv", "rpc", 'one of "legacy", "stable", "both", not "rpc"', "RangeError"),
    serviceName: text("serviceName", 5, "a string, not 5"),
    tracerProvider: text("tracerProvider", {}, "an object with the methods getTracer: it has no getTracer"),
    meterProvider: text("meterProvider", 5, "an object with the methods getMeter: not 5"),
    serverAddress: text("serverAddress", 5, "a string, not 5"),
    serverPort: text("serverPort", 70_000, "an integer from 0 to 65535, not 70000", "RangeError"),
  };
};

export const otelServer: OptionsObject<OtelInterceptorOptions> = {
  name: "createOtelInterceptor",
  prefix: "",
  use: using(createOtelInterceptor),
  wrong: {
    ...both("createOtelInterceptor"),
    trustRemote: [
      [{ trustRemote: "yes" }, 'TypeError: createOtelInterceptor: trustRemote must be true or false, not "yes"'],
    ],
  },
};

export const otelClient: OptionsObject<OtelClientInterceptorOptions> = {
  name: "createOtelClientInterceptor",
  prefix: "",
  use: using(createOtelClientInterceptor),
  wrong: both("createOtelClientInterceptor"),
};

export const otelProvider: OptionsObject<ProviderOptions> = {
  name: "initProvider",
  prefix: "",
  use: using(initProvider),
  wrong: {
    serviceName: [[{ serviceName: 5 }, "TypeError: initProvider: serviceName must be a string, not 5"]],
    serviceVersion: [[{ serviceVersion: 1 }, "TypeError: initProvider: serviceVersion must be a string, not 1"]],
    instanceId: [[{ instanceId: {} }, "TypeError: initProvider: instanceId must be a string, not an object"]],
    resourceAttributes: [
      [{ resourceAttributes: [] }, "TypeError: initProvider: resourceAttributes must be an object, not an array"],
    ],
    settings: [[{ settings: "otlp" }, 'TypeError: initProvider: settings must be an object, not "otlp"']],
  },
};

const exporters = '"console", "otlp/http", "otlp/grpc", "none"';

export const otelSettings: OptionsObject<OTLPSettings> = {
  name: "initProvider",
  prefix: "settings.",
  use: (settings) => initProvider({ settings: settings as OTLPSettings }),
  wrong: {
    traces: [[{ traces: 5 }, `TypeError: initProvider: settings.traces must be one of ${exporters}, not 5`]],
    metrics: [
      [{ metrics: "otlp" }, `RangeError: initProvider: settings.metrics must be one of ${exporters}, not "otlp"`],
    ],
    logs: [[{ logs: "" }, `RangeError: initProvider: settings.logs must be one of ${exporters}, not ""`]],
  },
};

export const otelLogger: OptionsObject<LoggerOptions> = {
  name: "getLogger",
  prefix: "",
  use: (options) => getLogger("shop", options as LoggerOptions),
  wrong: {
    defaultAttributes: [
      [{ defaultAttributes: "a" }, 'TypeError: getLogger: defaultAttributes must be an object, not "a"'],
    ],
  },
};

export const pinoStream: OptionsObject<PinoStreamOptions> = {
  name: "otelPinoStream",
  prefix: "",
  use: using(otelPinoStream),
  wrong: {
    messageKey: [[{ messageKey: 5 }, "TypeError: otelPinoStream: messageKey must be a string, not 5"]],
    errorKey: [[{ errorKey: [] }, "TypeError: otelPinoStream: errorKey must be a string, not an array"]],
  },
};

export const otelTraced: OptionsObject<TracedOptions> = {
  name: "traced",
  prefix: "",
  use: (options) => traced(() => {}, options as TracedOptions),
  wrong: {
    name: [[{ name: 5 }, "TypeError: traced: name must be a string, not 5"]],
    recordArgs: [
      [{ recordArgs: "a" }, 'TypeError: traced: recordArgs must be true, false or an array of strings, not "a"'],
      [{ recordArgs: [1] }, "TypeError: traced: recordArgs must be true, false or an array of strings, not an array"],
    ],
    argsFilter: [[{ argsFilter: [] }, "TypeError: traced: argsFilter must be a function, not an array"]],
    attributes: [[{ attributes: 5 }, "TypeError: traced: attributes must be an object, not 5"]],
  },
};

export const otelTraceAll: OptionsObject<TraceAllOptions> = {
  name: "traceAll",
  prefix: "",
  use: (options) => traceAll({}, options as TraceAllOptions),
  wrong: {
    prefix: [[{ prefix: 5 }, "TypeError: traceAll: prefix must be a string, not 5"]],
    include: [[{ include: "a" }, 'TypeError: traceAll: include must be an array, not "a"']],
    exclude: [[{ exclude: [5] }, "TypeError: traceAll: exclude[0] must be a string, not 5"]],
    recordArgs: [
      [{ recordArgs: 1 }, "TypeError: traceAll: recordArgs must be true, false or an array of strings, not 1"],
    ],
    argsFilter: [[{ argsFilter: 1 }, "TypeError: traceAll: argsFilter must be a function, not 1"]],
  },
};
