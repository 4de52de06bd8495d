import { expect, test } from "vitest";
import type { AuditEntry, Frame } from "../protocol";
import { auditedAfter } from "./audited";

const entry = (n: number): AuditEntry => ({
  n,
  at: n,
  byId: "console",
  byName: "console",
  command: "user.update",
  subject: { kind: "user", id: "ana", name: "Ana" },
  changes: [],
  hash: "",
});
const told = (...entries: number[]): Frame => ({
  prev: "a",
  cursor: "b",
  events: entries.map((n) => ({ type: "configuration.changed", audit: entry(n) })),
});

test("entries are kept in their order, the last hundred of them", () => {
  let audited = auditedAfter([], told(1, 2));
  expect(audited.map((e) => e.n)).toEqual([1, 2]);
  for (let n = 3; n <= 103; n++) audited = auditedAfter(audited, told(n));
  expect(audited).toHaveLength(100);
  expect(audited[0]?.n).toBe(4);
});

test("other frames change nothing, a fresh picture begins anew", () => {
  const before = auditedAfter([], told(1));
  expect(auditedAfter(before, { signals: [] })).toBe(before);
  expect(auditedAfter(before, { prev: "a", cursor: "b", events: [{ type: "team.changed" }] })).toBe(before);
  const reset = { reset: { reason: "expired", cursor: "c", snapshot: {} } } as unknown as Frame;
  expect(auditedAfter(before, reset)).toEqual([]);
  expect(auditedAfter([], reset)).not.toBe(before);
});
