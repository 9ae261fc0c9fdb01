// The serializer has no effect.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type AnyRequest,
  responseTo,
  run,
  streamRequest,
  unaryRequest,
} from "../../../__test__/support/interceptor-calls.ts";
import { createSerializerInterceptor } from "./serializer.ts";

// contract: SER-1, SER-2, SER-3, SER-4, SER-5, SER-6, SER-7, SER-8, SER-9, SC-7
test("shortcoming 7, messages are converted in the wrong direction: they pass unchanged, with all options", async () => {
  for (const options of [
    undefined,
    {},
    { skipGrpcServices: false, alwaysEmitImplicit: false, ignoreUnknownFields: false },
  ]) {
    for (const request of [unaryRequest(), streamRequest()]) {
      const response = responseTo(request);
      let seen: AnyRequest | undefined;
      const given = await run(
        createSerializerInterceptor(options),
        async (inner) => {
          seen = inner;
          return response;
        },
        request,
      );
      assert.equal(seen, request);
      assert.equal(given, response);
    }
  }
});
