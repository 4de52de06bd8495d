import { beforeEach, expect, test } from "vitest";
import { RequestError } from "../peer/peer";
import type { Failure, MessagePostAnswer, MessagePostArgs } from "../protocol";
import { Outbox, type OwnItem } from "./outbox";
import { emptyWorld, type World } from "./world";

/** A hand-turned surrounding: posts are answered, and timers run, when the test says so. */
class Bench {
  posts: { args: MessagePostArgs; ok(a: MessagePostAnswer): void; fail(f: Failure): void }[] = [];
  timers: (() => void)[] = [];
  items: OwnItem[] = [];
  online = true;
  private made = 0;
  readonly outbox = new Outbox({
    post: (args) =>
      new Promise((resolve, reject) => {
        this.posts.push({ args, ok: resolve, fail: (f) => reject(new RequestError(f)) });
      }),
    arrived: () => true,
    refusal: () => undefined,
    ready: () => this.online,
    newId: () => `m${++this.made}`,
    now: () => 1000,
    setTimer: (run) => {
      this.timers.push(run);
      return () => {};
    },
    onChange: (items) => {
      this.items = items;
    },
  });

  states() {
    return this.items.map((i) => `${i.message.id}:${i.state}`);
  }
}

/** Lets everything that is waiting on promises go on. */
const settled = () => new Promise((resolve) => setTimeout(resolve));

let b: Bench;
beforeEach(() => {
  b = new Bench();
});

const worldWith = (...ids: string[]): World => ({
  ...emptyWorld,
  talks: {
    c: {
      conversation: { id: "c", kind: "direct", participants: [], createdAt: 0 },
      lastN: ids.length,
      readN: 0,
      more: false,
      messages: ids.map((id, i) => ({ id, conversationId: "c", n: i + 1, authorId: "a", at: 0, text: "" })),
    },
  },
});

test("one message per conversation is on its way at a time", async () => {
  b.outbox.add("c", { text: "1" });
  b.outbox.add("c", { text: "2" });
  b.outbox.add("d", { text: "3" });
  expect(b.posts.map((p) => p.args.text)).toEqual(["1", "3"]);
  b.posts[0]?.ok({ n: 1, at: 1 });
  await settled();
  expect(b.posts.map((p) => p.args.text)).toEqual(["1", "3", "2"]);
});

test("an item goes when the world shows its message, in either order with the answer", async () => {
  b.outbox.add("c", { text: "1" });
  b.outbox.settle(worldWith("m1"));
  expect(b.items).toEqual([]);
  b.posts[0]?.ok({ n: 1, at: 1 });
  await settled();
  expect(b.items).toEqual([]);
});

test("an item goes when the replica's outbox has it", () => {
  b.outbox.add("c", { text: "1" });
  const item = { message: { id: "m1", conversationId: "c" }, order: 1, at: 1, state: "waiting" } as const;
  b.outbox.settle({ ...emptyWorld, outbox: { m1: item } });
  expect(b.items).toEqual([]);
});

test.each(["denied", "unknown", "invalid", "conflict"] as const)(
  "%s is final: the message stays with its reason, the next one goes",
  async (code) => {
    b.outbox.add("c", { text: "1" });
    b.outbox.add("c", { text: "2" });
    b.posts[0]?.fail({ code, text: "because" });
    await settled();
    expect(b.states()).toEqual(["m1:refused", "m2:sending"]);
    expect(b.items[0]?.error?.text).toBe("because");
    b.outbox.discard("m1");
    expect(b.states()).toEqual(["m2:sending"]);
  },
);

test("busy waits as long as it was asked to and keeps the order", async () => {
  b.outbox.add("c", { text: "1" });
  b.outbox.add("c", { text: "2" });
  b.posts[0]?.fail({ code: "busy", text: "later", retryAfterMs: 50 });
  await settled();
  expect(b.states()).toEqual(["m1:waiting", "m2:waiting"]);
  expect(b.posts).toHaveLength(1);
  b.timers[0]?.();
  expect(b.posts[1]?.args.id).toBe("m1");
});

test("a lost connection loses nothing: everything goes out again with its own id", async () => {
  b.outbox.add("c", { text: "1" });
  b.outbox.add("c", { text: "2" });
  b.online = false;
  b.posts[0]?.fail({ code: "offline", text: "gone" });
  await settled();
  expect(b.states()).toEqual(["m1:waiting", "m2:waiting"]);
  expect(b.posts).toHaveLength(1);
  b.online = true;
  b.outbox.renewed();
  expect(b.posts[1]?.args.id).toBe("m1");
});

test("an answered message that was not seen goes out again after a new hello", async () => {
  b.outbox.add("c", { text: "1" });
  b.posts[0]?.ok({ n: 1, at: 1 });
  await settled();
  b.outbox.renewed();
  expect(b.posts.map((p) => p.args.id)).toEqual(["m1", "m1"]);
});

test("a refused message is not tried again by itself", async () => {
  b.outbox.add("c", { text: "1" });
  b.posts[0]?.fail({ code: "denied", text: "no" });
  await settled();
  b.outbox.renewed();
  expect(b.posts).toHaveLength(1);
});

test("what a page before had kept goes out, what was on its way included", () => {
  const kept = (id: string, state: OwnItem["state"]): OwnItem => ({
    message: { id, conversationId: "c", text: id },
    order: 1,
    at: 1,
    state,
  });
  b.outbox.restore([kept("x", "sending"), kept("y", "refused")]);
  expect(b.posts.map((p) => p.args.id)).toEqual(["x"]);
  expect(b.states()).toEqual(["x:sending", "y:refused"]);
});
