// The server under test: a method for each type, and clients of all three protocols.
import assert from "node:assert/strict";
import { create, createFileRegistry, type DescMethodUnary, type FileRegistry, type Message } from "@bufbuild/protobuf";
import { EmptySchema, FileDescriptorProtoSchema, file_google_protobuf_empty } from "@bufbuild/protobuf/wkt";
import { ViolationsSchema } from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import { Code, ConnectError, type Transport } from "@connectrpc/connect";
import { createServer, type Server } from "@connectum/core";
import { createDefaultInterceptors } from "@connectum/interceptors";
import {
  type TestResult,
  TestResultSchema,
} from "../../.build/protovalidate/buf/validate/conformance/harness/harness_pb.js";
import { protocolClients } from "../support/transports.ts";

type Methods = ReadonlyMap<string, DescMethodUnary>;

export class Judged {
  readonly #server: Server;
  readonly #methods: Methods;
  readonly #transports: readonly Transport[];
  /** The errors of types that are not served because their rules do not compile. */
  readonly #refused: ReadonlyMap<string, string>;
  #calls = 0;

  private constructor(server: Server, methods: Methods, refused: ReadonlyMap<string, string>) {
    const { port } = server.address ?? assert.fail("a started server has an address");
    this.#server = server;
    this.#methods = methods;
    this.#transports = protocolClients.map(({ transport }) => transport(`http://127.0.0.1:${port}`));
    this.#refused = refused;
  }

  /** Serves these types, except those with which no server starts. */
  static async start(files: FileRegistry, typeNames: ReadonlySet<string>): Promise<Judged> {
    const methods = new Map([...typeNames].map((name) => [name, methodOf(files, name)]));
    const refused = new Map<string, string>();
    let server = serverOf([...methods.values()]);
    if ((await problemOf(server)) !== undefined) {
      for (const [name, method] of methods) {
        const alone = serverOf([method]);
        const problem = await problemOf(alone);
        if (problem === undefined) await alone.stop();
        else refused.set(name, problem);
      }
      server = serverOf([...methods].filter(([name]) => !refused.has(name)).map(([, method]) => method));
      await server.start();
    }
    return new Judged(server, methods, refused);
  }

  /** The outcome of sending a message, by each protocol in turn. */
  async resultOf(message: Message): Promise<TestResult> {
    const refusal = this.#refused.get(message.$typeName);
    if (refusal !== undefined) return result({ case: "compilationError", value: refusal });
    const method = this.#methods.get(message.$typeName);
    const transport = this.#transports[this.#calls++ % this.#transports.length];
    assert.ok(method !== undefined && transport !== undefined);
    try {
      await transport.unary(method, undefined, undefined, undefined, message);
      return result({ case: "success", value: true });
    } catch (thrown) {
      return failureOf(ConnectError.from(thrown));
    }
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }
}

/** Starts a server; resolves to the error that prevents the start. */
function problemOf(server: Server): Promise<string | undefined> {
  return server.start().then(
    () => undefined,
    (error: Error) => error.message,
  );
}

function failureOf(error: ConnectError): TestResult {
  const [violations] = error.findDetails(ViolationsSchema);
  if (error.code !== Code.InvalidArgument) return result({ case: "unexpectedError", value: error.message });
  if (violations === undefined) return result({ case: "runtimeError", value: error.rawMessage });
  return result({ case: "validationError", value: violations });
}

function result(value: TestResult["result"]): TestResult {
  return create(TestResultSchema, { result: value });
}

/** A service with one method whose input is the type, in its own file. */
function methodOf(files: FileRegistry, typeName: string): DescMethodUnary {
  const type = files.getMessage(typeName) ?? assert.fail(`there is no ${typeName}`);
  const name = `${typeName.replaceAll(".", "_")}_Service`;
  const file = create(FileDescriptorProtoSchema, {
    name: `judged/${name}.proto`,
    package: "judged",
    syntax: "proto3",
    dependency: [type.file.proto.name, file_google_protobuf_empty.proto.name],
    service: [
      {
        name,
        method: [{ name: "Take", inputType: `.${typeName}`, outputType: `.${EmptySchema.typeName}` }],
      },
    ],
  });
  const isEmpty = (path: string) => path === file_google_protobuf_empty.proto.name;
  const resolve = (path: string) => (isEmpty(path) ? file_google_protobuf_empty : files.getFile(path));
  const service = createFileRegistry(file, resolve).getService(`judged.${name}`);
  return (service?.methods[0] ?? assert.fail()) as DescMethodUnary;
}

function serverOf(methods: readonly DescMethodUnary[]): Server {
  return createServer({
    services: methods.map((method) => (router) => router.rpc(method, () => ({}))),
    interceptors: createDefaultInterceptors({ errorHandler: { logErrors: false } }),
    host: "127.0.0.1",
    port: 0,
  });
}
