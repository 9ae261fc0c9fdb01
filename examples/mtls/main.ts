// node --import tsx main.ts: payments over TLS with client certificates, and calls by two services and by a stranger.
import { type Client, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { createServer } from "@connectum/core";
import { allow } from "./allow.ts";
import { newAuthority } from "./certificates.ts";
import { Payments } from "./gen/payments_pb.ts";
import { ORDERS, PAYMENTS, payments, policy, REPORTS } from "./payments.ts";

const authority = await newAuthority();
const { cert, key, ca } = await authority.issue({ spiffeId: PAYMENTS, dns: "localhost" });

const server = createServer({
  services: [payments],
  interceptors: [allow(policy)],
  port: 0,
  host: "127.0.0.1",
  allowHTTP1: false,
  tls: { cert, key, ca },
});
await server.start();
const baseUrl = `https://localhost:${server.address?.port}`;

async function charge(client: Client<typeof Payments>): Promise<string> {
  const { chargedBy } = await client.charge({ amount: 1_200 });
  return `charged by ${chargedBy}`;
}

async function total(client: Client<typeof Payments>): Promise<string> {
  const { amount } = await client.total({});
  return `${amount} cents in all`;
}

for (const spiffeId of [ORDERS, REPORTS]) {
  const nodeOptions = await authority.issue({ spiffeId });
  const client = createClient(Payments, createGrpcTransport({ baseUrl, nodeOptions }));
  for (const call of [charge, total]) {
    try {
      console.log(`${spiffeId}: ${await call(client)}`);
    } catch (error) {
      console.log(ConnectError.from(error).message);
    }
  }
}

const stranger = await (await newAuthority()).issue({ spiffeId: ORDERS });
const refused = createClient(Payments, createGrpcTransport({ baseUrl, nodeOptions: { ...stranger, ca } }));
try {
  await charge(refused);
} catch (error) {
  console.log(`with a certificate of another authority: ${error instanceof ConnectError ? "refused" : error}`);
}
await server.stop();
