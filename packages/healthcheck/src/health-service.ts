// grpc.health.v1.Health in JavaScript: for calls behind interceptors, and for other servers.
import { Code, ConnectError, type ServiceImpl } from "@connectrpc/connect";
import type { Health } from "../gen/grpc/health/v1/health_pb.js";
import type { HealthView } from "./health-view.ts";
import { ServingStatus } from "./serving-status.ts";
import { StatusMailbox } from "./status-mailbox.ts";

/** The most entries of a List response. */
const MAX_LISTED = 1000;

/** The handlers of the service, which report what `view` shows. */
export function healthService(view: HealthView): ServiceImpl<typeof Health> {
  return {
    check({ service }) {
      const status = view.statusOf(service);
      if (status === undefined) throw new ConnectError(`Service '${service}' not found`, Code.NotFound);
      return { status };
    },

    list() {
      const all = view.all();
      const count = all.length - 1; // Without the overall entry.
      if (count > MAX_LISTED) {
        const problem = `${count} health entries are more than the ${MAX_LISTED} that List returns`;
        throw new ConnectError(`${problem}: ask Check for single ones`, Code.ResourceExhausted);
      }
      return { statuses: Object.fromEntries(all.map(([name, status]) => [name, { status }])) };
    },

    async *watch({ service }, { signal }) {
      const mailbox = new StatusMailbox();
      const report = () => {
        mailbox.put(view.statusOf(service) ?? ServingStatus.SERVICE_UNKNOWN);
        if (view.isDraining) mailbox.close();
      };
      const discard = () => mailbox.discard();
      const unsubscribe = view.subscribe(report);
      signal.addEventListener("abort", discard);
      try {
        report();
        if (signal.aborted) discard();
        for await (const status of mailbox) yield { status };
      } finally {
        unsubscribe();
        signal.removeEventListener("abort", discard);
      }
    },
  };
}
