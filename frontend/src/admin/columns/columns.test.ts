import { expect, test } from "vitest";
import { chooseAll, chooseAt, type Entry, moved, nothingChosen, split, toMove } from "./columns";

const entries: Entry[] = ["a", "b", "c", "d", "e"].map((id) => ({ id, name: id.toUpperCase() }));
const ids = (list: Entry[]) => list.map((e) => e.id).join("");

test("entries lie on one side each, in the order given", () => {
  const { left, right } = split(entries, ["d", "b", "gone"]);
  expect([ids(left), ids(right)]).toEqual(["ace", "bd"]);
});

test("moving there and back leaves what is allowed as it was, what is not known included", () => {
  const there = moved(["gone", "b"], ["a", "b", "c"], "right");
  expect(there).toEqual(["gone", "b", "a", "c"]);
  expect(moved(there, ["a", "c"], "left")).toEqual(["gone", "b"]);
});

test("a range goes from where it began, in both directions, and can shrink", () => {
  const from = chooseAt(nothingChosen, entries, 2, "only");
  const down = chooseAt(from, entries, 4, "range");
  expect([...down.ids]).toEqual(["c", "d", "e"]);
  expect([...chooseAt(down, entries, 3, "range").ids]).toEqual(["c", "d"]);
  expect([...chooseAt(down, entries, 0, "range").ids]).toEqual(["a", "b", "c"]);
});

test("single ones are added and taken away; going somewhere chooses nothing", () => {
  let chosen = chooseAt(nothingChosen, entries, 1, "toggle");
  chosen = chooseAt(chosen, entries, 3, "toggle");
  chosen = chooseAt(chosen, entries, 1, "toggle");
  expect([...chosen.ids]).toEqual(["d"]);
  expect(chooseAt(chosen, entries, 99, "go")).toMatchObject({ ids: chosen.ids, at: 4 });
  expect(chooseAt(chosen, entries, -1, "only").at).toBe(0);
});

test("all that are shown are chosen, and none the second time", () => {
  const found = entries.slice(1, 3);
  const all = chooseAll(nothingChosen, found);
  expect([...all.ids]).toEqual(["b", "c"]);
  expect(chooseAll(all, found).ids.size).toBe(0);
});

test("a move takes what is chosen and shown, or where one is", () => {
  const chosen = chooseAll(nothingChosen, entries);
  expect(toMove(chosen, entries.slice(0, 2))).toEqual(["a", "b"]);
  expect(toMove({ ...nothingChosen, at: 3 }, entries)).toEqual(["d"]);
  expect(toMove(nothingChosen, [])).toEqual([]);
});

test("five thousand entries are moved in one go", () => {
  const many = Array.from({ length: 5000 }, (_, i) => ({ id: `u${i}`, name: `User ${i}` }));
  const all = toMove(chooseAll(nothingChosen, many), many);
  const { left, right } = split(many, moved([], all, "right"));
  expect([left.length, right.length]).toEqual([0, 5000]);
});
