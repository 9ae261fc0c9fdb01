// The messages, each of a different shape, with their size as protobuf.
import { create } from "@bufbuild/protobuf";
import {
  PayloadSchema,
  ProfileSchema,
  type Small,
  SmallSchema,
  TextsSchema,
} from "../proto/gen/connectum/bench/v1/bench_pb.ts";

/** One string; 52 bytes. */
export const small = create(SmallSchema, { text: "x".repeat(50) });

/** A stream of 1,000 small messages. */
export const thousandSmall: readonly Small[] = Array.from({ length: 1_000 }, () => small);

/** One field of bytes, without a pattern, and the same in each run. */
export function payload(bytes: number) {
  const data = new Uint8Array(bytes);
  let state = 1;
  for (let index = 0; index < bytes; index++) {
    // A linear congruential generator with the parameters of Numerical Recipes.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    data[index] = state >>> 24;
  }
  return create(PayloadSchema, { data });
}

/** 1,000 strings of 10 characters; 12 kB. */
export const texts = create(TextsSchema, {
  texts: Array.from({ length: 1_000 }, (_, index) => `text ${String(index).padStart(5, "0")}`),
});

/** Strings that compress like text, 16 KiB. */
export const compressible = create(TextsSchema, {
  texts: Array.from({ length: 300 }, (_, index) => `entry ${index}: the quick brown fox jumps over the dog`.padEnd(52)),
});

/** Ten fields of different types; some 150 bytes. */
export const profile = create(ProfileSchema, {
  id: "7f9c24e8-3b12-4c53-9d0f-6a3b54d0c1aa",
  name: "Grace Hopper",
  age: 37,
  createdAt: 1_764_288_000_000n,
  score: 98.75,
  active: true,
  labels: { plan: "paid", region: "eu" },
  address: { street: "1 Navy Way", city: "Arlington", country: "US" },
  roles: ["admin", "editor", "reviewer"],
  avatar: new Uint8Array(32).fill(7),
});
