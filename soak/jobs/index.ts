// All jobs.
import {
  cancelledAtAnyMoment,
  cancelledBetweenMessages,
  cancelledWhileItSends,
  cancelledWhileItWaits,
} from "./cancelled.ts";
import { breaking, failing, tooLarge } from "./failing.ts";
import { check, probe, watch } from "./health.ts";
import type { Job } from "./job.ts";
import { large } from "./large.ts";
import { late } from "./late.ts";
import { lostConnection } from "./lost-connection.ts";
import { reflection } from "./reflection.ts";
import { bidiStream, clientStream, serverStream } from "./streams.ts";
import { get, unary } from "./unary.ts";

export const jobs: readonly Job[] = [
  unary,
  get,
  serverStream,
  clientStream,
  bidiStream,
  large,
  cancelledWhileItWaits,
  cancelledBetweenMessages,
  cancelledWhileItSends,
  cancelledAtAnyMoment,
  late,
  failing,
  breaking,
  tooLarge,
  lostConnection,
  check,
  watch,
  probe,
  reflection,
];
