import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Message, User } from "../protocol";
import { Alerting } from "./alerting";
import { emptyWorld, type Talk, type World } from "./world";

/** What stands on the screen: the browser's notifications by their tag. */
let standing: Map<string, { close: () => void }>;

beforeEach(() => {
  standing = new Map();
  vi.stubGlobal(
    "Notification",
    class {
      static permission = "granted";
      onclose?: () => void;
      constructor(
        _title: string,
        private readonly options: { tag: string },
      ) {
        standing.set(options.tag, this);
      }
      close() {
        standing.delete(this.options.tag);
      }
    },
  );
});
afterEach(() => vi.unstubAllGlobals());

const user = (id: string): User => ({
  id,
  displayName: id,
  role: "agent",
  title: "",
  teamIds: [],
  active: true,
});
const message = (n: number, mentions?: string[]): Message => ({
  id: `m${n}`,
  conversationId: "d.a.b",
  n,
  authorId: "b",
  at: 0,
  text: "hello",
  ...(mentions && { mentions }),
});
const worldWith = (lastN: number, muted: boolean): World =>
  ({
    ...emptyWorld,
    me: { user: user("a") },
    people: { b: user("b") },
    talks: {
      "d.a.b": {
        conversation: { id: "d.a.b", kind: "direct", participants: ["a", "b"], createdAt: 1 },
        lastN,
        readN: 0,
        messages: [],
        more: false,
        ...(muted && { muted }),
      },
    },
  }) as unknown as World;

function alerting(): Alerting {
  return new Alerting({
    decides: true,
    preferences: () => ({ toasts: true, sound: false }) as never,
    focused: () => false,
    several: () => "several",
    reveal: () => {},
    setTimer: () => () => {},
    now: () => 0,
  });
}

/** What was asked of the browser is done. */
const done = () => new Promise((resolve) => setTimeout(resolve));

test("the toast of a message that was deleted goes away, that of another one stays", async () => {
  const a = alerting();
  const world = worldWith(1, false);
  a.posted(world, message(1));
  a.follow(world);
  await done();
  expect([...standing.keys()]).toEqual(["d.a.b"]);
  a.deleted(message(7));
  await done();
  expect(standing.size).toBe(1);
  a.deleted(message(1));
  await done();
  expect(standing.size).toBe(0);
});

test("a muted conversation disturbs whom a message mentions, until it is read", async () => {
  const a = alerting();
  const world = worldWith(2, true);
  a.posted(world, message(1));
  a.follow(world);
  await done();
  expect(standing.size).toBe(0);
  a.posted(world, message(2, ["a"]));
  a.follow(world);
  await done();
  expect(standing.size).toBe(1);
  a.follow({
    ...world,
    talks: { "d.a.b": { ...(world.talks["d.a.b"] as Talk), readN: 2 } },
  });
  await done();
  expect(standing.size).toBe(0);
});

test("a toast that is only being shown goes away too", async () => {
  const a = alerting();
  const world = worldWith(1, false);
  a.posted(world, message(1));
  a.follow(world);
  a.deleted(message(1));
  await done();
  expect(standing.size).toBe(0);
});
