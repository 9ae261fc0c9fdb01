// The handlers of connectum and connect-node, written once for both.
import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import { BenchService, type Small, SmallSchema } from "../../proto/gen/connectum/bench/v1/bench_pb.ts";

export default function routes(router: ConnectRouter): void {
  router.service(BenchService, {
    unary: ({ text }) => ({ text }),
    context({ text }, context) {
      context.signal.throwIfAborted();
      context.responseHeader.set("x-bench-answer", context.requestHeader.get("x-bench-token") ?? "");
      return { text };
    },
    fail({ text }) {
      const details = [{ desc: SmallSchema, value: { text } }];
      throw new ConnectError("there is no such thing", Code.NotFound, { "x-bench-answer": "failed" }, details);
    },
    bytes: ({ data }) => ({ data }),
    strings: ({ texts }) => ({ texts }),
    mixed: ({ id, name, age, createdAt, score, active, labels, address, roles, avatar }) => ({
      id,
      name,
      age,
      createdAt,
      score,
      active,
      labels,
      ...(address && { address }),
      roles,
      avatar,
    }),
    async *serverStream({ text }) {
      for (let index = 0; index < 1_000; index++) yield { text };
    },
    async clientStream(requests) {
      let last: Small | undefined;
      for await (const request of requests) last = request;
      if (last === undefined) throw new ConnectError("the stream has no message", Code.InvalidArgument);
      return { text: last.text };
    },
    async *bidiStream(requests) {
      for await (const { text } of requests) yield { text };
    },
  });
}
