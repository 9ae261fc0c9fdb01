// Health beside the service, everything of it serving. Imported where it is measured only: it would count for the start
// of a server.
import type { ProtocolRegistration } from "@connectum/core/types";
import { createHealthcheckManager, Healthcheck, ServingStatus } from "@connectum/healthcheck";

export default function health(): ProtocolRegistration {
  const manager = createHealthcheckManager();
  manager.update(ServingStatus.SERVING);
  return Healthcheck({ manager });
}
