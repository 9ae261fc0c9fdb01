// Rejection of requests that violate the rules of their types.
import type { DescMessage, DescMethod } from "@bufbuild/protobuf";
import type { Interceptor } from "@connectrpc/connect";
import { createValidateInterceptor } from "@connectrpc/validate";
import { withPrepare } from "@connectum/hooks";
import { assertRulesCompile, hasRules } from "./validated-types.ts";
import { createValidators } from "./validators.ts";

/**
 * The interceptor of `@connectrpc/validate`, with validators of its own, called only for types that have rules. A
 * server with a rule that does not compile does not start.
 */
export function createValidation(): Interceptor {
  const validator = createValidators();
  const validate = createValidateInterceptor({ validator });
  const interceptor: Interceptor = (next) => (request) => {
    const { input } = request.method;
    // Methods of mock requests have no input.
    if (input === undefined || !hasRules(input)) return next(request);
    try {
      return validate(next)(request);
    } catch (error) {
      return Promise.reject(error);
    }
  };
  return withPrepare(interceptor, (methods: readonly DescMethod[]) => {
    const checked = new Set<DescMessage>();
    for (const { input } of methods) assertRulesCompile(validator, input, checked);
  });
}
