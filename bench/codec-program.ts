// A process that only does the work of protobuf-es for a case: read the requests, write the responses. Its arguments
// are the case's name and seconds; it prints CPU µs per call as JSON.
import { cases } from "./cases/index.ts";
import { decode, encode } from "./wire.ts";

const [, , name, seconds] = process.argv;
const subject = caseOf(name);
const { method, responses } = subject;
const requests = subject.requests.map((message) => encode(subject, method.input, message));
// Stored, otherwise V8 may optimise the work away.
let kept: unknown;

/** @returns CPU µs per call */
function work(duration: number): number {
  const before = process.cpuUsage();
  const until = performance.now() + duration * 1e3;
  let calls = 0;
  while (performance.now() < until) {
    for (const request of requests) kept = decode(subject, method.input, request);
    for (const response of responses) kept = encode(subject, method.output, response);
    calls++;
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}

function caseOf(name: string | undefined) {
  const found = cases.find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no case "${name}"`);
  return found;
}

work(Number(seconds) / 2);
const cpuUsPerCall = work(Number(seconds));
console.log(JSON.stringify({ cpuUsPerCall, kept: kept !== undefined }));
