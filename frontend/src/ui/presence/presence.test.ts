import i18next from "i18next";
import { expect, test } from "vitest";
import type { Me, Presence } from "../../protocol";
import { ownPresence } from "./presence";

const now = Date.now();
const added = now - 40 * 86_400_000;
const me = (state: Me["status"]["state"], at = added): Me => ({
  user: { id: "mira", displayName: "Mira", role: "agent", title: "", teamIds: [], active: true },
  name: "mira",
  settings: { replies: true, start: false, scope: "everyone", targets: [] },
  status: { state, reason: "", at },
});
const told = (availability: Presence["availability"], sinceAt: number): Presence => ({
  userId: "mira",
  availability,
  rule: "signedIn",
  sinceAt,
  device: "browser",
});
const line = (m: Me, p?: Presence) => ownPresence(i18next.t, m, p, { kind: "online" }).line;

test("one is available since one is there, not since the account was made", () => {
  const clock = (at: number) =>
    new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" }).format(at);
  expect(line(me("available"), told("online", now))).toBe(`Available since ${clock(now)}`);
});

test("nothing is said of a moment that the server has not told", () => {
  expect(line(me("available"))).toBe("Available");
  // What is told is still of before the break.
  expect(line(me("break", now), told("online", added))).toBe("On break");
});
