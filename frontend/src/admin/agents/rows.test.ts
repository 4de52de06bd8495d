import { expect, test } from "vitest";
import type { MessagingSettings, Role, UserListAnswer, UserRecord } from "../../protocol";
import { placeOf, subjectOf } from "./place";
import { noFilter, rowsOf } from "./rows";

const settings: MessagingSettings = { replies: true, start: false, scope: "everyone", targets: [] };

function user(id: string, displayName: string, role: Role, more: Partial<UserRecord> = {}): UserRecord {
  const teamIds = role === "agent" ? ["t1"] : [];
  return {
    user: { id, displayName, role, title: "", teamIds, active: true },
    name: id,
    settings,
    revision: 1,
    ...more,
  };
}

const list: UserListAnswer = {
  users: [
    user("u3", "Zoë Quist", "agent", { group: { id: "g1", name: "North" } }),
    user("u1", "Ana Novik", "supervisor"),
    user("u2", "Bram Oosterveen", "agent", {
      group: { id: "g2", name: "South" },
      pending: { ...settings, start: true },
      settings: { ...settings, start: true, scope: "teams", targets: ["t1"] },
    }),
  ],
  groups: [],
  teams: [{ id: "t1", name: "Claims", revision: 1 }],
  queues: [],
  edition: "standard",
};
const byName = { by: "name", down: false } as const;
const ids = (rows: UserRecord[]) => rows.map((u) => u.user.id);

test("users are found by name, role, group, team and what waits", () => {
  expect(ids(rowsOf(list, noFilter, byName))).toEqual(["u1", "u2", "u3"]);
  expect(ids(rowsOf(list, { ...noFilter, query: "zoe" }, byName))).toEqual(["u3"]);
  expect(ids(rowsOf(list, { ...noFilter, role: "agent", groupId: "g2" }, byName))).toEqual(["u2"]);
  expect(ids(rowsOf(list, { ...noFilter, teamId: "t1" }, byName))).toEqual(["u2", "u3"]);
  expect(ids(rowsOf(list, { ...noFilter, pending: true }, byName))).toEqual(["u2"]);
});

test("columns sort, names decide between equals", () => {
  expect(ids(rowsOf(list, noFilter, { by: "start", down: true }))).toEqual(["u2", "u3", "u1"]);
  expect(ids(rowsOf(list, noFilter, { by: "role", down: false }))).toEqual(["u2", "u3", "u1"]);
});

test("what is open stands in the page's subject", () => {
  const place = { tab: "agents", open: "u1", panel: "account" } as const;
  expect(placeOf(subjectOf(place))).toEqual(place);
  expect(placeOf(undefined)).toEqual({ tab: "agents" });
  expect(placeOf("nonsense/x")).toEqual({ tab: "agents", open: "x", panel: "messaging" });
});
