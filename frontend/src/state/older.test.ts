import { expect, test } from "vitest";
import { createStore } from "zustand/vanilla";
import { type Request, RequestError } from "../peer/peer";
import type { HistoryLoadArgs, Message } from "../protocol";
import { type AppState, firstState } from "./appState";
import { Older } from "./older";

const ID = "d.a.b";
const message = (n: number): Message => ({
  id: `m${n}`,
  conversationId: ID,
  n,
  authorId: "a",
  at: Math.floor(n / 10) * 1000,
  text: `${n}`,
});

/** A conversation of so many messages, of which the page has the last few. */
function talkOf(count: number, here: number, refuse?: RequestError) {
  const store = createStore<AppState>(() => firstState());
  const messages = Array.from({ length: here }, (_, i) => message(count - here + 1 + i));
  const conversation = { id: ID, kind: "direct" as const, participants: ["a", "b"], createdAt: 0 };
  const talk = { conversation, lastN: count, readN: count, messages, more: here < count };
  store.setState((s) => ({ world: { ...s.world, talks: { [ID]: talk as never } } }));
  const asked: HistoryLoadArgs[] = [];
  const request = (async (_: string, args: HistoryLoadArgs) => {
    asked.push(args);
    if (refuse) throw refuse;
    const from = Math.max(1, args.beforeN - args.limit);
    const page = Array.from({ length: args.beforeN - from }, (_, i) => message(from + i));
    return { messages: page, more: from > 1 };
  }) as Request;
  return { older: new Older(store, request), store, asked };
}

test.each([
  ["the first of several at a moment", 5000, "m50"],
  ["between two moments", 5001, "m60"],
  ["before all", 0, "m1"],
  ["at the last moment", 10_000_000, "m100000"],
  ["among those that are there", 9_999_000, "m99990"],
])("goes to what was written at a moment: %s", async (_, at, id) => {
  const { older, store, asked } = talkOf(100_000, 60);
  expect(await older.goTo(ID, at)).toBeNull();
  expect(store.getState().wanted?.id).toBe(id);
  expect(asked.filter((a) => a.limit === 1).length).toBeLessThan(18);
});

test.each([
  ["after all", talkOf(1000, 60)],
  ["in an empty conversation", talkOf(0, 0)],
])("says that nothing was written from then on: %s", async (_, { older, store }) => {
  expect(await older.goTo(ID, 99_999_999)).toBe("nothing");
  expect(store.getState().wanted).toBeNull();
});

test("says why it could not, and stays where it was", async () => {
  const failure = { code: "offline" as const, text: "There is no connection." };
  const { older, store } = talkOf(1000, 60, new RequestError(failure));
  expect(await older.goTo(ID, 1000)).toEqual(failure);
  expect(store.getState().wanted).toBeNull();
});
