import { expect, test } from "vitest";
import { MAX_PASSWORD_BYTES } from "../protocol";
import { faultsOf } from "./password";

const form = (old: string, next: string, again = next) => faultsOf({ old, next, again });

test("three filled fields that agree are taken", () => {
  expect(form("old one", "a new one")).toEqual({});
});

test("what is missing is told of each field", () => {
  expect(form("", "")).toEqual({ old: "missing", next: "missing", again: "missing" });
});

test("length counts characters, not the units they are written in", () => {
  expect(form("o", "1234567")).toEqual({ next: "tooShort" });
  expect(form("o", "🦊🦊🦊🦊🦊🦊🦊")).toEqual({ next: "tooShort" });
  expect(form("o", "🦊🦊🦊🦊🦊🦊🦊🦊")).toEqual({});
});

test("the longest is measured in bytes, as the hub does", () => {
  expect(form("o", "x".repeat(MAX_PASSWORD_BYTES))).toEqual({});
  expect(form("o", "ü".repeat(MAX_PASSWORD_BYTES / 2 + 1))).toEqual({ next: "tooLong" });
});

test("a slip in the second is told there, once the first is good", () => {
  expect(form("o", "a new one", "a new ome")).toEqual({ again: "differ" });
  expect(form("o", "short", "shirt")).toEqual({ next: "tooShort" });
});
