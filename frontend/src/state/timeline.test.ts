import { expect, test } from "vitest";
import type { Message, OutboxItem } from "../protocol";
import { entriesOf } from "./timeline";
import type { Talk } from "./world";

const NOON = new Date(2026, 10, 20, 12).getTime();
const MINUTE = 60_000;

const said = (n: number, authorId: string, minutes: number): Message => ({
  id: `m${n}`,
  conversationId: "d.a.b",
  n,
  authorId,
  at: NOON + minutes * MINUTE,
  text: String(n),
});
const talk = (...messages: Message[]): Talk => ({
  conversation: { id: "d.a.b", kind: "direct", participants: ["a", "b"], createdAt: NOON },
  lastN: messages.at(-1)?.n ?? 0,
  readN: 0,
  messages,
  more: false,
});
const item = (id: string, minutes: number, state: OutboxItem["state"]): OutboxItem => ({
  message: { id, conversationId: "d.a.b", text: id },
  order: minutes,
  at: NOON + minutes * MINUTE,
  state,
});
/** The rows in short: "day", "new:2", "m1" for the first of a group, "+m2" for one that joins it. */
const draw = (...args: Parameters<typeof entriesOf>) =>
  entriesOf(...args).map((e) => {
    if (e.kind === "new") return `new:${e.count}`;
    return e.kind === "message" || e.kind === "pending" ? `${e.first ? "" : "+"}${e.key}` : e.kind;
  });

test("one author's messages close together are a group", () => {
  const t = talk(said(1, "b", 0), said(2, "b", 1), said(3, "a", 2), said(4, "a", 9));
  expect(draw(t, [], "a", undefined)).toEqual(["head", "day", "m1", "+m2", "m3", "m4"]);
});

test("each day has its line", () => {
  const t = talk(said(1, "b", -24 * 60), said(2, "b", 0));
  expect(draw(t, [], "a", undefined)).toEqual(["head", "day", "m1", "day", "m2"]);
});

test("the line before the new messages counts those of others, and stays at its count", () => {
  const t = talk(said(1, "b", 0), said(2, "b", 1), said(3, "a", 2), said(4, "b", 2), said(5, "b", 3));
  expect(draw(t, [], "a", { from: 2, to: 4 })).toEqual([
    "head",
    "day",
    "m1",
    "new:2",
    "m2",
    "m3",
    "m4",
    "+m5",
  ]);
});

test("what waits comes last, what was refused stays where it was written", () => {
  const t = talk(said(1, "b", 0), said(2, "b", 10));
  const outbox = [
    item("refused", 5, "refused"),
    item("waiting", 6, "waiting"),
    item("sending", 3, "sending"),
  ];
  expect(draw(t, outbox, "a", undefined)).toEqual([
    "head",
    "day",
    "m1",
    "refused",
    "m2",
    "waiting",
    "+sending",
  ]);
});

test("a posted message keeps the key it had while it waited", () => {
  const waiting = entriesOf(talk(), [item("m1", 0, "sending")], "a", undefined);
  const posted = entriesOf(talk(said(1, "a", 0)), [item("m1", 0, "sending")], "a", undefined);
  expect(posted.map((e) => e.key)).toEqual(waiting.map((e) => e.key));
});

test("a conversation that has not begun has only its beginning", () => {
  expect(draw(undefined, [], "a", undefined)).toEqual(["head"]);
});

test("a room's notes stand behind the messages that were its newest, and come with them", () => {
  const room = talk(said(3, "b", 0), said(4, "b", 2));
  room.conversation = {
    ...room.conversation,
    id: "r.1",
    kind: "room",
    room: {
      notes: [2, 3, 4].map((afterN, i) => ({
        n: i + 1,
        afterN,
        at: NOON + i * MINUTE,
        byId: "b",
        kind: "topic",
        text: "t",
      })),
    },
  };
  const refused = [item("refused", 1, "refused")];
  const keys = (t: Talk) => entriesOf(t, refused, "a", undefined).map((e) => e.key.split(":")[0]);
  expect(keys({ ...room, more: true })).toEqual(["head", "day", "m3", "refused", "note", "m4", "note"]);
  expect(keys(room)).toEqual(["head", "day", "note", "m3", "refused", "note", "m4", "note"]);
  expect(draw(room, [], "a", undefined).slice(-2)).toEqual(["m4", "note"]); // what comes after one is a group of its own
});
