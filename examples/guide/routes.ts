// The greeter of ../hello, with one of its four methods. The others are `unimplemented`.
import type { ConnectRouter } from "@connectrpc/connect";
import { Greeter } from "./gen/greeter_pb.ts";

export default (router: ConnectRouter) => {
  router.service(Greeter, {
    greet: ({ name }) => ({ greeting: `Hello, ${name}!` }),
  });
};
