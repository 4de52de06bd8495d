import { expect, test } from "vitest";
import { changedIn, changedMeanwhile, changeIn, goOn, shownIn } from "./edit";

interface Form {
  on: boolean;
  mode: string;
  teams: string[];
}
const before: Form = { on: true, mode: "everyone", teams: ["a", "b"] };

test("a form shows what is true now, with what was changed over it", () => {
  const edit = changeIn(null, before, { mode: "none" });
  const now = { ...before, on: false };
  expect(shownIn(edit, now)).toEqual({ on: false, mode: "none", teams: ["a", "b"] });
  expect(changedIn(edit, now)).toEqual(["mode"]);
  expect(changedMeanwhile(edit, now)).toEqual(["on"]);
});

test("what is changed back is no change; a list's order does not count", () => {
  const edit = changeIn(null, before, { on: false, teams: ["b"] });
  expect(changedIn(edit, before)).toEqual(["on", "teams"]);
  expect(changeIn(changeIn(edit, before, { on: true }), before, { teams: ["b", "a"] })).toBeNull();
});

test("who goes on with their own keeps what was typed, and everything else follows the other", () => {
  const edit = changeIn(null, before, { mode: "mine", teams: [] });
  const now: Form = { on: false, mode: "theirs", teams: ["a", "b"] };
  if (!edit) throw new Error("nothing was changed");
  const kept = goOn(edit, now, "mine");
  expect(shownIn(kept, now)).toEqual({ on: false, mode: "mine", teams: [] });
  expect(changedMeanwhile(kept, now)).toEqual([]);
});

test("who takes theirs loses only what both have changed", () => {
  const edit = changeIn(null, before, { mode: "mine", teams: [] });
  const now: Form = { on: true, mode: "theirs", teams: ["a", "b"] };
  if (!edit) throw new Error("nothing was changed");
  expect(shownIn(goOn(edit, now, "theirs"), now)).toEqual({ on: true, mode: "theirs", teams: [] });
});

test("changing something back to what it was, over another's change, is a change", () => {
  const edit = changeIn(null, before, { mode: "mine" });
  const now = { ...before, mode: "theirs" };
  const back = changeIn(edit, now, { mode: "everyone" });
  expect(changedIn(back, now)).toEqual(["mode"]);
});

test("both having made the same change leaves nothing to save", () => {
  const edit = changeIn(null, before, { mode: "same" });
  expect(changedIn(edit, { ...before, mode: "same" })).toEqual([]);
});
