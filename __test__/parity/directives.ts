// Directives to the handler in the text of a request, separated by ";". Any other text is echoed.
import { setTimeout as sleep } from "node:timers/promises";
import { Code, ConnectError, type HandlerContext } from "@connectrpc/connect";
import { EchoResponseSchema } from "../../proto/gen/connectum/test/v1/echo_pb.ts";

/** One directive: the text after its ":", and the state that earlier directives have prepared. */
type Directive = (
  argument: string,
  context: HandlerContext,
  prepared: Prepared,
) => Promise<string> | string | undefined;

/** The error that is about to be thrown. */
interface Prepared {
  readonly metadata: Headers;
  details: number;
}

const directives: Readonly<Record<string, Directive>> = {
  /** `header:x-a=1` sets a response header; the same name again adds to it. */
  header(argument, { responseHeader }) {
    responseHeader.append(...nameAndValue(argument));
    return undefined;
  },
  /** `trailer:x-a=1` */
  trailer(argument, { responseTrailer }) {
    responseTrailer.append(...nameAndValue(argument));
    return undefined;
  },
  /** `metadata:x-a=1` goes with the error that follows. */
  metadata(argument, _, { metadata }) {
    metadata.append(...nameAndValue(argument));
    return undefined;
  },
  /** `detail` goes with the error that follows. */
  detail(_, __, prepared) {
    prepared.details += 1;
    return undefined;
  },
  /** `fail:not_found=why` throws a ConnectError; a number stands for a code that may not exist. */
  fail(argument, _, { metadata, details }) {
    const [name, message] = nameAndValue(argument);
    const detail = { desc: EchoResponseSchema, value: { text: "a detail", index: 7 } };
    throw new ConnectError(message, codeOf(name), metadata, Array(details).fill(detail));
  },
  /** `throw:why` throws a plain error. */
  throw(argument) {
    throw new Error(argument);
  },
  /** An error whose text ends in the middle of a character. */
  "fail-half"() {
    throw new ConnectError("half \ud83d", Code.NotFound);
  },
  "throw-undefined"() {
    throw undefined;
  },
  "throw-string"() {
    throw "a string";
  },
  /** `sleep:50` waits, and ignores its signal. */
  async sleep(argument) {
    await sleep(Number(argument));
    return "awake";
  },
  /** `pause:50` waits, but stops when its signal aborts. */
  async pause(argument, { signal }) {
    await sleep(Number(argument), undefined, { signal });
    return "awake";
  },
  /** Waits for its signal to abort, and throws its reason. */
  wait(_, { signal }) {
    return new Promise<string>((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
  },
  /** `see:x-a` responds with a request header. */
  see(argument, { requestHeader }) {
    return requestHeader.get(argument) ?? "(absent)";
  },
  /** Responds with the context's description of the call. */
  context(_, { protocolName, requestMethod, url, method, service }) {
    // The ports of the two servers differ.
    const { pathname, search } = new URL(url);
    return [protocolName, requestMethod, pathname + search, service.typeName, method.name].join(" ");
  },
  /** `size:2000` responds with 2,000 characters. */
  size(argument) {
    return "x".repeat(Number(argument));
  },
};

/** Runs the directives of a text; returns the response of the last one that has any, otherwise the text. */
export async function follow(text: string, context: HandlerContext): Promise<string> {
  const prepared: Prepared = { metadata: new Headers(), details: 0 };
  let answer = text;
  for (const part of text.split(";")) {
    const colon = part.indexOf(":");
    const name = colon === -1 ? part : part.slice(0, colon);
    const directive = Object.hasOwn(directives, name) ? directives[name] : undefined;
    answer = (await directive?.(colon === -1 ? "" : part.slice(colon + 1), context, prepared)) ?? answer;
  }
  return answer;
}

function nameAndValue(argument: string): [name: string, value: string] {
  const [name = "", ...value] = argument.split("=");
  return [name, value.join("=")];
}

function codeOf(name: string): Code {
  if (/^\d+$/.test(name)) return Number(name);
  const words = name.split("_").map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  const code = Code[words.join("") as keyof typeof Code];
  if (code === undefined) throw new Error(`no code is called ${name}`);
  return code;
}
