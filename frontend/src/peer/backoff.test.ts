import { expect, test } from "vitest";
import { backoffMs } from "./backoff";

const most = () => 0.999999;

test("the bound doubles with each failure and then stays", () => {
  expect([1, 2, 3, 4].map((n) => backoffMs(n, most, { firstMs: 500, maxMs: 3000 }))).toEqual([
    500, 1000, 2000, 3000,
  ]);
  expect(backoffMs(5000, most, { firstMs: 500, maxMs: 3000 })).toBe(3000);
});

test("the jitter is full: it reaches down to no wait at all", () => {
  expect(backoffMs(6, () => 0)).toBe(0);
});
