import assert from "node:assert/strict";
import { test } from "node:test";
import { ServingStatus } from "./serving-status.ts";
import { StatusMailbox } from "./status-mailbox.ts";

const { UNKNOWN, SERVING, NOT_SERVING } = ServingStatus;

/** All that waits in a mailbox that is closed. */
async function rest(mailbox: StatusMailbox): Promise<ServingStatus[]> {
  const read: ServingStatus[] = [];
  for await (const status of mailbox) read.push(status);
  return read;
}

test("a reader that keeps up sees all, none twice in a row", async () => {
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

test("a reader that waits is woken by the next one", async () => {
  const mailbox = new StatusMailbox();
  const reader = mailbox[Symbol.asyncIterator]();
  const next = reader.next();
  mailbox.put(SERVING);
  assert.equal((await next).value, SERVING);
  const last = reader.next();
  mailbox.close();
  assert.equal((await last).done, true);
});

test("a reader that does not keep up sees the latest, and a bounded number at most", async () => {
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

test("sixteen that wait are all seen", async () => {
  const mailbox = new StatusMailbox();
  const put = Array.from({ length: 16 }, (_, index) => (index % 2 === 0 ? SERVING : NOT_SERVING));
  for (const status of put) mailbox.put(status);
  mailbox.close();
  assert.deepEqual(await rest(mailbox), put);
});

test("an overflow that ends where the reader is has nothing to say", async () => {
  const mailbox = new StatusMailbox();
  const reader = mailbox[Symbol.asyncIterator]();
  mailbox.put(SERVING);
  assert.equal((await reader.next()).value, SERVING);
  for (let index = 0; index < 16; index += 1) mailbox.put(index % 2 === 0 ? NOT_SERVING : UNKNOWN);
  mailbox.put(SERVING);
  mailbox.close();
  assert.equal((await reader.next()).done, true);
});

test("after close() what waits is read and nothing comes; after discard() nothing is read", async () => {
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
