// The SDK of an application: OpenTelemetry's own, registered for all three signals by its variables.
import { NodeSDK } from "@opentelemetry/sdk-node";

const sdk = new NodeSDK({ serviceName: "application" });
sdk.start();

export const shutdown = () => sdk.shutdown();
