// The descriptors of services, which generated code exports under the services' names.
import type { DescService } from "@bufbuild/protobuf";
import { shown } from "@connectum/hooks";

/** Whether a value is the descriptor of a service. */
export function isServiceDescriptor(value: unknown): value is DescService {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "service";
}

/**
 * @param where names the function in the error; the service is its first argument
 * @throws TypeError unless it is the descriptor of a service
 */
export function assertService(where: string, service: unknown): asserts service is DescService {
  if (isServiceDescriptor(service)) return;
  const right = "the descriptor of a service, which generated code exports";
  throw new TypeError(`${where}: the first argument must be ${right}, not ${shown(service)}`);
}
