// The statuses that reach a reader of Watch, fast or slow.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ServingStatus } from "./serving-status.ts";
import { StatusMailbox } from "./status-mailbox.ts";

const { UNKNOWN, SERVING, NOT_SERVING } = ServingStatus;

/** Closes a mailbox and reads the waiting statuses. */
async function rest(mailbox: StatusMailbox): Promise<ServingStatus[]> {
  const read: ServingStatus[] = [];
  for await (const status of mailbox) read.push(status);
  return read;
}

test("a reader that keeps up gets every status, none twice in a row", async () => {
  const mailbox = new StatusMailbox();
  const reader = mailbox[Symbol.asyncIterator]();
  const read: unknown[] = [];
  for (const status of [UNKNOWN, SERVING, SERVING, NOT_SERVING, UNKNOWN]) {
    mailbox.put(status);
    if (status !== read.at(-1)) read.push((await reader.next()).value);
  }
  assert.deepEqual(read, [UNKNOWN, SERVING, NOT_SERVING, UNKNOWN]);
  mailbox.close();
  assert.equal((await reader.next()).done, true);
});

test("a waiting reader is woken by the next status", async () => {
  const mailbox = new StatusMailbox();
  const reader = mailbox[Symbol.asyncIterator]();
  const next = reader.next();
  mailbox.put(SERVING);
  assert.equal((await next).value, SERVING);
  const last = reader.next();
  mailbox.close();
  assert.equal((await last).done, true);
});

test("a slow reader gets the latest status, and a bounded number at most", async () => {
  for (const [count, latest] of [
    [1_000, NOT_SERVING],
    [1_001, SERVING],
  ] as const) {
    const mailbox = new StatusMailbox();
    for (let index = 0; index < count; index += 1) mailbox.put(index % 2 === 0 ? SERVING : NOT_SERVING);
    mailbox.close();
    const read = await rest(mailbox);
    assert.ok(read.length <= 16, `${read.length} wait`);
    assert.equal(read.at(-1), latest);
  }
});

test("up to sixteen waiting statuses are all read", async () => {
  const mailbox = new StatusMailbox();
  const put = Array.from({ length: 16 }, (_, index) => (index % 2 === 0 ? SERVING : NOT_SERVING));
  for (const status of put) mailbox.put(status);
  mailbox.close();
  assert.deepEqual(await rest(mailbox), put);
});

test("an overflow that ends at the status the reader has sends nothing", async () => {
  const mailbox = new StatusMailbox();
  const reader = mailbox[Symbol.asyncIterator]();
  mailbox.put(SERVING);
  assert.equal((await reader.next()).value, SERVING);
  for (let index = 0; index < 16; index += 1) mailbox.put(index % 2 === 0 ? NOT_SERVING : UNKNOWN);
  mailbox.put(SERVING);
  mailbox.close();
  assert.equal((await reader.next()).done, true);
});

test("after close() the waiting statuses are read, and no others; after discard() none", async () => {
  const closed = new StatusMailbox();
  closed.put(SERVING);
  closed.close();
  closed.put(NOT_SERVING);
  assert.deepEqual(await rest(closed), [SERVING]);
  const discarded = new StatusMailbox();
  discarded.put(SERVING);
  discarded.discard();
  assert.deepEqual(await rest(discarded), []);
});
