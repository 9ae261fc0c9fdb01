// Calls in JSON of services of every protobuf syntax, which echo their messages. They need reflection of imported
// files, extensions, groups and editions.
import type { ConnectRouter } from "@connectrpc/connect";
import { EditionsService } from "../protobuf-files/gen/editions_pb.js";
import { Proto2Service } from "../protobuf-files/gen/proto2_pb.js";
import { Proto3Service } from "../protobuf-files/gen/proto3_pb.js";

/** A service, and a message for its method Echo. */
export interface SyntaxQuestion {
  readonly service: typeof Proto2Service | typeof Proto3Service | typeof EditionsService;
  readonly message: object;
}

/** With groups, and with extensions that have the numbers 100 and 101. */
export const proto2Question: SyntaxQuestion = {
  service: Proto2Service,
  message: {
    required: "r",
    optional: 7,
    singlegroup: { text: "g" },
    manygroup: [{ index: 1 }, { index: 2 }],
    packed: [1, 300],
    kind: "FIRST",
    "[connectum.test.proto2.extra]": "x",
    "[connectum.test.proto2.extras]": [{ yes: true }, {}],
  },
};

/** One for each syntax. */
export const syntaxQuestions: readonly SyntaxQuestion[] = [
  proto2Question,
  {
    service: Proto3Service,
    message: {
      strings: { a: "b" },
      messages: { "-1": { text: "grüße, €" } },
      levels: { true: "LEVEL_NEGATIVE" },
      numbers: { "18446744073709551615": "AP8=" },
      maybe: 0,
      scalars: { double: 0.5, int64: "-9223372036854775808" },
      any: { "@type": "type.googleapis.com/connectum.test.proto3.Scalars", sint32: -1 },
      timestamp: "2026-01-02T03:04:05Z",
      duration: "1.500s",
      mask: "text,maybe",
      struct: { a: [1, null, "b"] },
      wrapped: "0",
      aliasInJson: "a",
    },
  },
  {
    service: EditionsService,
    message: {
      implicit: 1,
      explicit: 0,
      withDefault: 42,
      delimited: { text: "d", nested: { text: "n" } },
      delimitedList: [{ text: "l" }],
      lengthPrefixed: {},
      expanded: [1, 2],
      packed: [1, 300],
      closed: "CLOSED_TWO",
      open: "OPEN_ONE",
      unchecked: "u",
    },
  },
];

/** Mounts the services. */
export function mountSyntaxes(router: ConnectRouter): void {
  router.service(Proto2Service, { echo: (message) => message });
  router.service(Proto3Service, { echo: (message) => message });
  router.service(EditionsService, { echo: (message) => message });
}
