import { describe, expect, test } from "vitest";
import { ANA, exampleSnapshot, MAX, TALK } from "../../test/examples";
import type { Link, OutboxItem } from "../protocol";
import { apply } from "./apply";
import {
  matches,
  matching,
  mayPost,
  mayWriteTo,
  type Net,
  netAfter,
  rowsOf,
  unreadTotal,
  unsentOf,
  waitingCount,
} from "./select";
import { directId, emptyWorld } from "./world";

const world = apply(emptyWorld, { reset: { reason: "first", cursor: "c", snapshot: exampleSnapshot } }, 0);
const until = exampleSnapshot.rights.post?.[TALK]?.untilAt ?? 0;

test("the badge counts what calls: muted conversations do not", () => {
  const unread = unreadTotal(world);
  expect(unread).toBeGreaterThan(0);
  const talks = Object.fromEntries(
    Object.entries(world.talks).map(([id, talk]) => [id, { ...talk, muted: true }]),
  );
  expect(unreadTotal({ ...world, talks })).toBe(0);
});

describe("whether one may write", () => {
  test("an allowance holds until its end, and then says what holds", () => {
    expect(mayPost(world, TALK, until - 1).allowed).toBe(true);
    expect(mayPost(world, TALK, until)).toEqual({
      allowed: false,
      gate: "personal",
      rule: "personal.startOff",
    });
  });

  test("in a conversation that has not begun, starting decides", () => {
    const fresh = { ...world, talks: {}, post: {} };
    expect(mayWriteTo(fresh, MAX, directId(ANA, MAX), 0)).toMatchObject({
      allowed: false,
      rule: "personal.startOff",
    });
    expect(mayPost(fresh, directId(ANA, MAX), 0)).toMatchObject({ allowed: false });
  });
});

describe("the connection", () => {
  const link = (state: Link["state"]): Link => ({ state, sinceAt: 5, nextTryAt: 9, server: "s" });
  const online = {
    kind: "online",
    hello: { userId: ANA, sessionId: "s", serverAt: 0, version: "", replica: true },
  } as const;
  const offline: Net = { kind: "offline", sinceAt: 5, nextTryAt: 9 };

  test("is there only if page and replica both have theirs", () => {
    expect(netAfter({ kind: "connecting" }, online, null).kind).toBe("online");
    expect(netAfter({ kind: "connecting" }, online, link("online")).kind).toBe("online");
    expect(netAfter({ kind: "online" }, online, link("offline"))).toEqual(offline);
    expect(netAfter({ kind: "online" }, { ...offline, kind: "offline" }, link("online"))).toEqual(offline);
  });

  test("a try under way stays offline until it has succeeded", () => {
    expect(netAfter(offline, online, link("connecting"))).toEqual({ ...offline, nextTryAt: 0 });
    expect(netAfter(offline, { kind: "connecting" }, null)).toEqual({ ...offline, nextTryAt: 0 });
    expect(netAfter(offline, online, link("online")).kind).toBe("online");
  });
});

describe("the list", () => {
  const item = (id: string, conversationId: string, state: OutboxItem["state"]): OutboxItem => ({
    message: { id, conversationId, text: id },
    order: 1,
    at: 1_900_000_000_000,
    state,
  });

  test("a draft to somebody new makes a row, an empty one does not", () => {
    const id = directId(ANA, MAX);
    const fresh = { ...world, talks: {} };
    expect(rowsOf(fresh, [], {})).toEqual([]);
    expect(rowsOf(fresh, [], { [id]: { conversationId: id, text: "", at: 1 } })).toEqual([]);
    expect(rowsOf(fresh, [], { [id]: { conversationId: id, text: "x", at: 1 } })).toMatchObject([
      { id, draft: { text: "x" } },
    ]);
  });

  test("says what is not posted, the replica's before the page's own", () => {
    const waiting = { ...world, outbox: { a: item("a", TALK, "waiting") } };
    expect(rowsOf(waiting, [item("b", TALK, "refused")], {})[0]?.pending?.message.id).toBe("b");
    expect(waitingCount(waiting, [item("b", TALK, "refused"), item("a", TALK, "sending")])).toBe(1);
  });
});

test.each([
  ["mir cas", true],
  ["stell", true],
  ["ástell", true],
  ["deliv", true],
  ["cas x", false],
])("%s finds Mira Castellar of Deliveries: %s", (query, found) => {
  expect(matches(query, "Mira Cástellar", "Deliveries")).toBe(found);
});

describe("what signing out would lose", () => {
  const online: Net = { kind: "online" };
  const offline: Net = { kind: "offline", sinceAt: 5, nextTryAt: 9 };
  const draft = (text: string) => ({ conversationId: TALK, text, at: 1 });
  const talk = world.talks[TALK];
  if (!talk) throw new Error("the example has a conversation");
  const drafted = { ...world, talks: { [TALK]: { ...talk, draft: draft("with the hub") } } };
  const bare = { ...drafted, outbox: {} };
  const waits: OutboxItem = {
    message: { id: "a", conversationId: TALK, text: "a" },
    order: 1,
    at: 1,
    state: "refused",
  };

  test("counts messages wherever they wait, the refused ones too", () => {
    const both = { ...bare, outbox: { b: { ...waits, message: { ...waits.message, id: "b" } } } };
    expect(unsentOf(both, [waits], {}, true, online)).toEqual({ messages: 2, drafts: 0 });
  });

  test("counts a draft that only this page has, but not one that was emptied here", () => {
    expect(unsentOf(bare, [], { [TALK]: draft("here") }, false, offline).drafts).toBe(1);
    expect(unsentOf(bare, [], { [TALK]: draft("") }, true, offline).drafts).toBe(0);
  });

  test("a draft the hub has is not lost; a replica without a connection may not have passed it on", () => {
    expect(unsentOf(bare, [], {}, false, offline).drafts).toBe(0);
    expect(unsentOf(bare, [], {}, true, online).drafts).toBe(0);
    expect(unsentOf(bare, [], {}, true, offline).drafts).toBe(1);
  });
});

test("a draft to somebody not yet written to stands in the list by its own time", () => {
  const unbegun = {
    conversation: { id: TALK, kind: "direct" as const, participants: [ANA, MAX], createdAt: 0 },
    lastN: 0,
    readN: 0,
    messages: [],
    more: false,
    draft: { conversationId: TALK, text: "half a", at: 7 },
  };
  const [row] = rowsOf({ ...world, talks: { [TALK]: unbegun }, outbox: {} }, [], {});
  expect(row).toMatchObject({ id: TALK, person: { id: MAX }, at: 7, unread: 0, draft: { text: "half a" } });
});

test("who is called by what was typed comes before whose name contains it", () => {
  const people = ["Mira Castellan", "Stellan Vance", "Vance Oldstell", "Una West"];
  expect(matching("stell", people, (n) => [n])).toEqual([
    "Stellan Vance",
    "Mira Castellan",
    "Vance Oldstell",
  ]);
});
