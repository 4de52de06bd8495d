import { describe, expect, test } from "vitest";
import type { PermissionSet, UserRecord } from "../../protocol";
import { apiNameOf, compared, differs, emptySet, enabledOf, setOf, validApiName } from "./sets";

const set = (part: Partial<PermissionSet>): PermissionSet => ({ ...setOf(emptySet, "s", 1), ...part });
const holder = (...setIds: string[]) => ({ setIds }) as UserRecord;

describe("the API name", () => {
  test.each([
    ["Messaging agents", "Messaging_agents"],
    ["  Night – shift (2) ", "Night_shift_2"],
    ["2nd line", "Set_2nd_line"],
    ["Größe", "Gr_e"],
    ["…", ""],
  ])("of %j is %j", (label, name) => expect(apiNameOf(label)).toBe(name));

  test("is valid as it is filled in, and not with spaces, doubles or a digit first", () => {
    expect(validApiName("Night_shift_2")).toBe(true);
    for (const name of ["", "Night shift", "Night__shift", "2nd", "_x", "x_"])
      expect(validApiName(name)).toBe(false);
    expect(apiNameOf("a ".repeat(60))).toHaveLength(79);
  });
});

test("a set tied to a license keeps no app permission (SET-9)", () => {
  const form = { ...emptySet, permissions: ["messagingAgent", "viewSetup"] as PermissionSet["permissions"] };
  expect(setOf({ ...form, license: "messagingUser" }, "s", 1).permissions).toEqual(["viewSetup"]);
  expect(setOf(form, "s", 1).permissions).toEqual(form.permissions);
});

test("two sets are compared in everything they say", () => {
  const a = set({ permissions: ["viewSetup"], sessions: "own", statuses: ["break"] });
  const b = set({ permissions: ["viewSetup", "runFlows"], sessions: "edit", license: "messagingUser" });
  expect(
    compared(a, b)
      .filter(differs)
      .map((r) => r.id),
  ).toEqual(["license", "runFlows", "sessions", "break"]);
  expect(compared(a, a).filter(differs)).toEqual([]);
});

test("of many users some sets are enabled for all and some for a few", () => {
  expect(enabledOf([holder("a", "b"), holder("b", "c")])).toEqual({ all: ["b"], some: ["a", "c"] });
  expect(enabledOf([holder("a")])).toEqual({ all: ["a"], some: [] });
});
