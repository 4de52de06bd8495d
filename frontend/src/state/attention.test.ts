import { expect, test } from "vitest";
import { ANA, exampleSnapshot, MAX, TALK } from "../../test/examples";
import type { Frame, LogEvent, Message } from "../protocol";
import { apply } from "./apply";
import { newMessages } from "./attention";
import { emptyWorld, type World } from "./world";

const world = apply(emptyWorld, { reset: { reason: "first", cursor: "c", snapshot: exampleSnapshot } }, 0);
const posted = (n: number, authorId: string): LogEvent => {
  const message: Message = { id: `m${n}`, conversationId: TALK, n, authorId, at: 1, text: "x" };
  return { type: "message.posted", message };
};
/** The numbers that call for attention when these events arrive in one frame. */
const calls = (before: World, ...events: LogEvent[]) => {
  const frame: Frame = { prev: before.cursor, cursor: "d", events };
  return newMessages(before, apply(before, frame, 0), frame).map((m) => m.n);
};

test("what somebody else wrote calls, what one wrote oneself does not", () => {
  expect(calls(world, posted(3, MAX), posted(4, MAX))).toEqual([3, 4]);
  expect(calls(world, posted(3, ANA))).toEqual([]);
});

test("what was read meanwhile on another device calls nobody", () => {
  const read: LogEvent = { type: "read.marked", read: { conversationId: TALK, n: 3 } };
  expect(calls(world, posted(3, MAX), read, posted(4, MAX))).toEqual([4]);
});

test("a repeat calls nobody", () => {
  expect(calls(world, posted(2, MAX))).toEqual([]);
});

test("what came before one's own answer in the same frame calls nobody", () => {
  expect(calls(world, posted(3, MAX), posted(4, ANA))).toEqual([]);
});
