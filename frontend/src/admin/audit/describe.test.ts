import i18next from "i18next";
import { beforeAll, expect, test } from "vitest";
import story from "../../../../backend/chat/testdata/audit.json";
import de from "../../i18n/de.json";
import en from "../../i18n/en.json";
import type { AuditEntry } from "../../protocol";
import { csvOf, headOf, linesOf } from "./describe";

const entry = (command: AuditEntry["command"], changes: AuditEntry["changes"], name = "Ana"): AuditEntry => ({
  n: 1,
  at: 0,
  byId: "ida",
  byName: "Ida",
  command,
  subject: { kind: "user", id: "ana", name },
  changes,
  hash: "ab",
});
const nameOf = (id: string) => ({ ben: "Ben", t1: "Sales" })[id] ?? "?";

beforeAll(() => i18next.init({ lng: "en", resources: { en: { translation: en }, de: { translation: de } } }));

test.each([
  ["role", "agent", "supervisor", "Agent", "Supervisor"],
  ["active", true, false, "on", "off"],
  ["title", "", "Returns", "nothing", "Returns"],
  ["group", undefined, { id: "g", name: "North" }, undefined, "North"],
  ["group", { id: "g", name: "North" }, undefined, "North", "nothing"],
  ["teams", [], [{ id: "t1", name: "Sales" }], "nothing", "Sales"],
  ["mode", "everyone", "superiorsOnly", "As each user's settings say", "Superiors only"],
  ["replyWindowMs", 86_400_000, 604_800_000, "1 day", "7 days"],
  ["something new", { a: 1 }, 7, '{"a":1}', "7"],
])("%s in words", (field, from, to, was, is) => {
  expect(linesOf(i18next.t, entry("user.update", [{ field, from, to }]), nameOf)[0]).toMatchObject({
    from: was,
    to: is,
  });
});

test("settings say whom one may write to, by name as far as they are few", () => {
  const settings = (scope: string, targets: string[], start = true) =>
    linesOf(
      i18next.t,
      entry("settings.update", [
        { field: "settings", from: null, to: { replies: true, start, scope, targets } },
      ]),
      nameOf,
    )[0]?.to;
  expect(settings("users", ["ben"])).toBe("Replies on, Start Ben");
  expect(settings("teams", ["t1"])).toBe("Replies on, Start Sales");
  expect(settings("roles", ["agent", "expert"])).toBe("Replies on, Start Agents, Experts");
  expect(settings("everyone", [])).toBe("Replies on, Start Everyone");
  expect(settings("users", [], false)).toBe("Replies on, Start off");
  expect(settings("users", ["ben", "ben", "ben", "ben", "ben", "ben"])).toBe(
    "Replies on, Start Ben, Ben, Ben, Ben and 2 more",
  );
});

test("a secret shows no values, an unknown command its name", () => {
  expect(linesOf(i18next.t, entry("user.setPassword", [{ field: "password" }]), nameOf)).toEqual([
    { field: "Password" },
  ]);
  expect(headOf(i18next.t, entry("settings.update", []))).toBe("Messaging settings of Ana");
  expect(headOf(i18next.t, entry("something.new" as AuditEntry["command"], []))).toBe("Ana (something.new)");
});

// The hub's tests keep the story: it has every command that leaves an entry, and every field.
test.each(["en", "de"])("every entry that there can be is told in words (%s)", async (lng) => {
  const t = i18next.getFixedT(lng);
  const named = (id: string) => (/^id-\d+$/.test(id) ? "Somebody" : id);
  const entries = story as unknown as Pick<AuditEntry, "command" | "subject" | "changes">[];
  for (const e of entries) {
    const whole = { ...entry(e.command, e.changes), subject: e.subject };
    const head = headOf(t, whole);
    expect(head, `${e.command} of ${e.subject.kind}`).not.toContain(e.command);
    for (const [i, line] of linesOf(t, whole, named).entries()) {
      const what = `${e.command} of ${e.subject.kind}: ${JSON.stringify(e.changes[i])}`;
      expect(line.field, what).not.toBe(e.changes[i]?.field);
      // No id, no JSON, and no word that only programs use.
      for (const value of [line.from, line.to])
        expect(value ?? "", what).not.toMatch(/id-\d|[[{"]|[a-z][A-Z]/);
    }
  }
  expect(entries.length).toBeGreaterThan(40);
});

test("a table for other programs holds no formula", () => {
  const csv = csvOf([entry("user.update", [{ field: "title", from: "a", to: 'say "b"' }], "=1+1")]);
  const [head, row] = csv.split("\r\n");
  expect(head?.split(",")).toHaveLength(11);
  expect(row).toContain(`"'=1+1"`);
  expect(row).toContain(`""title""`);
});
