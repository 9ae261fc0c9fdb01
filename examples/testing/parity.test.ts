import { createClient } from "@connectrpc/connect";
import { transportParityTest } from "@connectum/testing/parity";
import { Greeter } from "../guide/gen/greeter_pb.ts";
import { greeter } from "./greeter.ts";

transportParityTest("greets the same over HTTP and in process", {
  services: [greeter],
  async scenario({ transport }) {
    let responseHeaders = {};
    const onHeader = (headers: Headers) => {
      responseHeaders = { "x-language": headers.get("x-language") };
    };
    const response = await createClient(Greeter, transport).greet({ name: "Ada" }, { onHeader });
    return { response, responseHeaders };
  },
});
