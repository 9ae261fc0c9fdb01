// The service that others call, and who may.
import { defineService } from "@connectum/core";
import type { Policy } from "./allow.ts";
import { Payments } from "./gen/payments_pb.ts";

export const ORDERS = "spiffe://shop.example/orders";
export const REPORTS = "spiffe://shop.example/reports";
export const PAYMENTS = "spiffe://shop.example/payments";

export const policy: Policy = new Map([
  ["payments.v1.Payments/Charge", new Set([ORDERS])],
  ["payments.v1.Payments/Total", new Set([ORDERS, REPORTS])],
]);

let total = 0;

export const payments = defineService(Payments, {
  charge({ amount }, { peer }) {
    total += amount;
    return { chargedBy: peer.tls?.certificate?.spiffeId ?? "nobody" };
  },
  total: () => ({ amount: total }),
});
