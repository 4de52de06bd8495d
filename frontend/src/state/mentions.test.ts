import { describe, expect, test } from "vitest";
import { exampleSnapshot, MAX, TALK } from "../../test/examples";
import { apply } from "./apply";
import { mentionBefore, mentionsIn, proposed } from "./mentions";
import { emptyWorld } from "./world";

const world = apply(emptyWorld, { reset: { reason: "first", cursor: "c", snapshot: exampleSnapshot } }, 1);
const name = world.people[MAX]?.displayName ?? "";

describe("mentions", () => {
  test("are those who take part and stand in the text with their whole name", () => {
    expect(mentionsIn(world, TALK, `Look, @${name}!`)).toEqual([MAX]);
    expect(mentionsIn(world, TALK, `Look, ${name}!`)).toBeUndefined();
    expect(mentionsIn(world, TALK, "@nobody")).toBeUndefined();
    expect(mentionsIn(world, "d.not.there", `@${name}`)).toBeUndefined();
  });

  test.each([
    ["@", ""],
    ["hello @ma", "ma"],
    ["hello @max we", "max we"],
    ["(@m", "m"],
    ["mail@ma", null],
    ["@max and so on", null],
    ["", null],
  ])("before the caret %j", (before, typed) => {
    expect(mentionBefore(before)).toBe(typed);
  });

  test("are proposed by the beginning of a name, oneself never", () => {
    expect(proposed(world, TALK, name.slice(0, 2).toLowerCase()).map((u) => u.id)).toEqual([MAX]);
    expect(proposed(world, TALK, "").map((u) => u.id)).toEqual([MAX]);
    expect(proposed(world, TALK, "zz")).toEqual([]);
  });
});
