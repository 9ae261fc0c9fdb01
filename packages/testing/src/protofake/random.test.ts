// What a seed gives. A change of these numbers changes the fakes of everybody who gives a seed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "./random.ts";

test("a seed gives the numbers that it always gave", () => {
  const random = new Random(1);
  assert.deepEqual(
    Array.from({ length: 5 }, () => random.int(0, 999_999)),
    [225822, 726942, 116463, 694931, 157022],
  );
});

test("a number and its text are one seed, and other seeds give other numbers", () => {
  const first = (seed: number | string) => new Random(seed).next();
  assert.equal(first(7), first("7"));
  const numbers = new Set(Array.from({ length: 1000 }, (_, seed) => first(seed)));
  assert.equal(numbers.size, 1000);
});

test("numbers are spread evenly, and both ends of a range occur", () => {
  const random = new Random("even");
  const dice = Array.from({ length: 6000 }, () => random.int(1, 6));
  for (let face = 1; face <= 6; face++) {
    const count = dice.filter((one) => one === face).length;
    assert.ok(count > 850 && count < 1150, `${face}: ${count}`);
  }
});

test("ranges may have any size, and may have one number", () => {
  const random = new Random(1);
  const [least, greatest] = [-(2n ** 63n), 2n ** 64n];
  for (let draw = 0; draw < 1000; draw++) {
    const value = random.bigint(least, greatest);
    assert.ok(value >= least && value <= greatest);
  }
  assert.equal(random.int(4, 4), 4);
  assert.throws(() => random.pick([]), { name: "RangeError", message: "there is nothing to pick from" });
});

test("what is drawn in one scope does not change what others draw", () => {
  const draw = (inner: number) => {
    const random = new Random(1);
    random.within("a", () => Array.from({ length: inner }, () => random.next()));
    return [random.within("b", () => random.next()), random.next()];
  };
  assert.deepEqual(draw(1), draw(5));
  const random = new Random(1);
  assert.notEqual(
    random.within("a", () => random.next()),
    random.within("b", () => random.next()),
  );
});

test("a scope ends where what is called in it throws", () => {
  const random = new Random(1);
  const next = new Random(1).next();
  assert.throws(() =>
    random.within("a", () => {
      throw new Error("no");
    }),
  );
  assert.equal(random.next(), next);
});

test("shuffling keeps all items, and does not change the list", () => {
  const items = [1, 2, 3, 4, 5];
  const shuffled = new Random(3).shuffle(items);
  assert.deepEqual(items, [1, 2, 3, 4, 5]);
  assert.notDeepEqual(shuffled, items);
  assert.deepEqual(shuffled.sort(), items);
});
