// A client of grpc-js that OpenTelemetry's own instrumentation traces: it places one order, and exports its span.
// Arguments: the file of the .proto, and the address. It runs in .judges, where its packages are.
const { NodeSDK } = require("@opentelemetry/sdk-node");
const { GrpcInstrumentation } = require("@opentelemetry/instrumentation-grpc");

const sdk = new NodeSDK({ instrumentations: [new GrpcInstrumentation()] });
sdk.start();
// After that, so that they are instrumented.
const grpc = require("@grpc/grpc-js");
const { loadSync } = require("@grpc/proto-loader");

const [file, address] = process.argv.slice(2);
const { shop } = grpc.loadPackageDefinition(loadSync(file));
const orders = new shop.v1.Orders(address, grpc.credentials.createInsecure());
orders.place({ articles: ["tea"] }, async (error, answer) => {
  console.log(error === null ? `total ${answer.total}` : error.message);
  await sdk.shutdown();
  orders.close();
});
