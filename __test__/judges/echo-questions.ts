// Calls of the echo service in JSON, of all four kinds, by judges that know its schema from reflection only.

/** A call that must succeed. */
export interface EchoQuestion {
  readonly method: string;
  readonly requests: readonly object[];
  readonly responses: readonly object[];
}

const text = "grüße, €";
const payload = "AP8=";

export const echoQuestions: readonly EchoQuestion[] = [
  { method: "Echo", requests: [{ text, payload }], responses: [{ text, payload }] },
  {
    method: "EchoServerStream",
    requests: [{ text, count: 3 }],
    responses: [{ text }, { text, index: 1 }, { text, index: 2 }],
  },
  { method: "EchoClientStream", requests: [{ text }, { text: "b" }], responses: [{ text: `${text},b` }] },
  {
    method: "EchoBidiStream",
    requests: [{ text, payload }, { text: "b" }],
    responses: [
      { text, payload },
      { text: "b", index: 1 },
    ],
  },
];

/** Splits a text of several JSON objects, each of which ends with a line that is `}`. */
export function jsonDocuments(all: string): unknown[] {
  return all
    .split(/(?<=^\})\n/m)
    .filter((document) => document.trim() !== "")
    .map((document) => JSON.parse(document));
}
