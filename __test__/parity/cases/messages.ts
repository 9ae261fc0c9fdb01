// Messages that many requests send.
import type { Echo } from "../request.ts";

export const payload = new Uint8Array([0, 127, 128, 255]);

export const none: readonly Echo[] = [];
export const hello: readonly Echo[] = [{ text: "hello" }];
export const three: readonly Echo[] = [{ text: "a" }, { text: "b", payload }, { text: "é € 😀 \r\n" }];
