import { expect, test } from "vitest";
import type { UserListAnswer, UserRecord } from "../../protocol";
import { csvText, inert } from "./csv";
import { usersTable } from "./usersTable";

test.each([
  ["=1+1", "'=1+1"],
  ["+49", "'+49"],
  ["-x", "'-x"],
  ["@SUM(A1)", "'@SUM(A1)"],
  ["\tx", "'\tx"],
  ["\rx", "'\rx"],
  ["'=1", "''=1"],
  ["''@x", "'''@x"],
  ["'t Hooft", "'t Hooft"],
  ["a=1", "a=1"],
  ["", ""],
])("%j is saved as %j", (cell, want) => {
  expect(inert(cell)).toBe(want);
});

test("cells are quoted, rows end as spreadsheets want it", () => {
  expect(csvText([["a", 'say "b"'], ["=c"]], ";")).toBe(`"a";"say ""b"""\r\n"'=c"\r\n`);
});

test("users become a table, their teams one cell, formulas text", () => {
  const user = (name: string, displayName: string, teamIds: string[]): UserRecord => ({
    user: { id: name, displayName, role: "agent", title: "", teamIds, active: true },
    name,
    group: { id: "g", name: "North; or south" },
    settings: { replies: true, start: false, scope: "everyone", targets: [] },
    revision: 1,
  });
  const list: UserListAnswer = {
    users: [user("zoe", "Zoe", []), user("ana", "@Ana", ["t1", "t2", "t3"])],
    groups: [],
    teams: [
      { id: "t1", name: "Sales", revision: 1 },
      { id: "t2", name: "a;b", revision: 1 },
      { id: "t3", name: 'the "best"', revision: 1 },
    ],
    queues: [],
    edition: "standard",
  };
  expect(usersTable(list)).toEqual([
    ["name", "display name", "role", "group", "teams", "title"],
    ["ana", "@Ana", "agent", "North; or south", 'Sales;"a;b";"the ""best"""', ""],
    ["zoe", "Zoe", "agent", "North; or south", "", ""],
  ]);
  expect(csvText(usersTable(list))).toContain(`"ana","'@Ana","agent"`);
});
