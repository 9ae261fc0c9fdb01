// node --import tsx client.ts [address]: calls the greeter with grpc-js, and prints what a caller can see.
import { fileURLToPath } from "node:url";
import {
  type ClientDuplexStream,
  type ClientReadableStream,
  type ClientUnaryCall,
  type ClientWritableStream,
  credentials,
  loadPackageDefinition,
  Metadata,
  type requestCallback,
  type ServiceClientConstructor,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

type Request = { name: string };
type Response = { greeting: string };
interface Greeter {
  greet(request: Request, metadata: Metadata, callback: requestCallback<Response>): ClientUnaryCall;
  greetAllDay(request: Request): ClientReadableStream<Response>;
  greetTogether(callback: requestCallback<Response>): ClientWritableStream<Request>;
  greetEach(): ClientDuplexStream<Request, Response>;
  close(): void;
}

const proto = fileURLToPath(new URL("../hello/proto/greeter.proto", import.meta.url));
const { hello } = loadPackageDefinition(loadSync(proto)) as unknown as {
  hello: { v1: { Greeter: ServiceClientConstructor } };
};
const address = process.argv[2] ?? "127.0.0.1:5000";
const client = new hello.v1.Greeter(address, credentials.createInsecure()) as unknown as Greeter;

/** Prints the answer to a unary call, or its error, between its headers and its trailers. */
async function greet(name: string): Promise<void> {
  const metadata = new Metadata();
  metadata.set("caller", "Grace");
  await new Promise<void>((resolve) => {
    const call = client.greet({ name }, metadata, (error: ServiceError | null, response) => {
      console.log(error ? `${status[error.code]}: ${error.details}` : response?.greeting);
    });
    call.on("metadata", (header: Metadata) => {
      for (const language of header.get("greeting-language")) console.log(`language: ${language}`);
    });
    call.on("status", ({ metadata: trailer }: { metadata: Metadata }) => {
      for (const caller of trailer.get("greeted-for")) console.log(`greeted for: ${caller}`);
      resolve();
    });
  });
}

await greet("Ada");
await greet("");

await new Promise<void>((resolve) => {
  const call = client.greetTogether((_, response) => {
    console.log(response?.greeting);
    resolve();
  });
  call.write({ name: "Ada" });
  call.end({ name: "Grace" });
});

await new Promise<void>((resolve) => {
  const call = client.greetEach();
  call.on("data", ({ greeting }: Response) => console.log(greeting));
  call.on("end", resolve);
  call.write({ name: "Ada" });
  call.end({ name: "Grace" });
});

await new Promise<void>((resolve) => {
  const call = client.greetAllDay({ name: "Ada" });
  let count = 0;
  call.on("data", ({ greeting }: Response) => {
    count += 1;
    if (count < 3) return console.log(greeting);
    if (count === 3) call.cancel();
  });
  call.on("error", ({ code }: ServiceError) => {
    console.log(status[code]);
    resolve();
  });
});
client.close();
