// node --import tsx before-grpc-js.ts [port]: the greeter on grpc-js.
import { fileURLToPath } from "node:url";
import {
  loadPackageDefinition,
  Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceClientConstructor,
  type sendUnaryData,
  status,
} from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

type Request = { name: string };
type Response = { greeting: string };

const proto = fileURLToPath(new URL("../hello/proto/greeter.proto", import.meta.url));
const { hello } = loadPackageDefinition(loadSync(proto)) as unknown as {
  hello: { v1: { Greeter: ServiceClientConstructor } };
};

const server = new Server();
server.addService(hello.v1.Greeter.service, {
  Greet(call: ServerUnaryCall<Request, Response>, callback: sendUnaryData<Response>) {
    const { name } = call.request;
    if (name === "") return callback({ code: status.INVALID_ARGUMENT, details: "name is missing" });
    const [caller = "nobody"] = call.metadata.get("caller");
    const header = new Metadata();
    header.set("greeting-language", "en");
    call.sendMetadata(header);
    const trailer = new Metadata();
    trailer.set("greeted-for", caller);
    callback(null, { greeting: `Hello, ${name}!` }, trailer);
  },
  GreetAllDay(call: ServerWritableStream<Request, Response>) {
    const timer = setInterval(() => call.write({ greeting: `Good day, ${call.request.name}!` }), 20);
    call.on("cancelled", () => {
      clearInterval(timer);
      console.log("the client has left");
    });
  },
  GreetTogether(call: ServerReadableStream<Request, Response>, callback: sendUnaryData<Response>) {
    const names: string[] = [];
    call.on("data", ({ name }: Request) => names.push(name));
    call.on("end", () => callback(null, { greeting: `Hello, ${names.join(" and ")}!` }));
  },
  GreetEach(call: ServerDuplexStream<Request, Response>) {
    call.on("data", ({ name }: Request) => call.write({ greeting: `Hello, ${name}!` }));
    call.on("end", () => call.end());
  },
});

const at = `0.0.0.0:${process.argv[2] ?? 5000}`;
server.bindAsync(at, ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(`Server listening 0.0.0.0:${port}`);
});
process.once("SIGTERM", () => server.tryShutdown(() => {}));
