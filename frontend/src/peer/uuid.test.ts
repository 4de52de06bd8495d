import { expect, test } from "vitest";
import { newUUID } from "./uuid";

test("is a version 7 UUID that begins with the time", () => {
  const id = newUUID(Date.UTC(2026, 10, 20));
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(Number.parseInt(id.replace("-", "").slice(0, 12), 16)).toBe(Date.UTC(2026, 10, 20));
});

test("does not repeat within one millisecond", () => {
  const ids = new Set(Array.from({ length: 1000 }, () => newUUID(1)));
  expect(ids.size).toBe(1000);
});
