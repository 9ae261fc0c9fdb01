// Health beside the service, with every status SERVING. Imported only where it is measured, as it would slow down the
// start.
import type { ProtocolRegistration } from "@connectum/core/types";
import { createHealthcheckManager, Healthcheck, ServingStatus } from "@connectum/healthcheck";

export default function health(): ProtocolRegistration {
  const manager = createHealthcheckManager();
  manager.update(ServingStatus.SERVING);
  return Healthcheck({ manager });
}
