import { describe, expect, test } from "vitest";
import { ANA, exampleEvents, exampleSignals, exampleSnapshot, MAX, TALK } from "../../test/examples";
import type { ConversationState, Frame, LogEvent, Message, Rights, Signal } from "../protocol";
import { apply, lapseTyping, prepend } from "./apply";
import { emptyWorld, otherOf, type World } from "./world";

const NOW = 1_794_700_000_000;

const begun = (): World =>
  apply(emptyWorld, { reset: { reason: "first", cursor: "c0", snapshot: exampleSnapshot } }, NOW);
const event = (w: World, e: LogEvent): World =>
  apply(w, { prev: w.cursor, cursor: `${w.cursor}+`, events: [e] }, NOW);
const signal = (w: World, s: Signal): World => apply(w, { signals: [s] }, NOW);
const rights = (w: World, r: Rights): World => apply(w, { rights: r }, NOW);
const message = (n: number, authorId = MAX): Message => ({
  id: `m${n}`,
  conversationId: TALK,
  n,
  authorId,
  at: NOW + n,
  text: `message ${n}`,
});

const example = (type: LogEvent["type"]) => exampleEvents.find((e) => e.type === type) as LogEvent;
const exampleSignal = (type: Signal["type"]) => exampleSignals.find((s) => s.type === type) as Signal;

const ROOM = "r.0190b1c2-0000-7000-8000-0000000000a1";
const CY = "0190b1c2-0000-7000-8000-00000000000c";

/** The world in which one is in a room with Max. */
const inRoom = () => {
  const conversation = {
    id: ROOM,
    kind: "room" as const,
    name: "Quality",
    participants: [ANA, MAX],
    createdAt: 1,
  };
  return rights(begun(), {
    conversationsGained: [{ conversation, lastN: 0, readN: 0, tail: [], more: false }],
  });
};

describe("reset", () => {
  test("takes everything of the snapshot and its cursor", () => {
    const w = begun();
    expect(w.cursor).toBe("c0");
    expect(w.me?.user.id).toBe(ANA);
    expect(w.talks[TALK]?.messages.map((m) => m.n)).toEqual([1, 2]);
    expect(w.post[TALK]?.allowed).toBe(true);
    expect(w.presence[MAX]?.availability).toBe("online");
  });

  test("forgets what the snapshot does not have", () => {
    const w = event(begun(), { type: "team.changed", team: { id: "t9", name: "Gone" } });
    const again = apply(w, { reset: { reason: "expired", cursor: "c9", snapshot: exampleSnapshot } }, NOW);
    expect(again.teams.t9).toBeUndefined();
    expect(again).toEqual({ ...begun(), cursor: "c9" });
  });
});

describe("events", () => {
  test("every example of the vocabulary is taken up", () => {
    // Nothing to see in these: the draft is empty before and after, the audit log is none of the world's, the others are in the
    // snapshot already.
    const silent = ["draft.changed", "conversation.opened", "team.changed", "configuration.changed"];
    for (const e of exampleEvents) {
      const before = e.members || e.room ? inRoom() : begun();
      const after = event(before, e);
      const same = JSON.stringify({ ...after, cursor: "c0" }) === JSON.stringify(before);
      expect(same, e.type).toBe(silent.includes(e.type));
    }
  });

  test("a room is what was told last, with its notes added once; who leaves owns it no more", () => {
    const changed = example("room.changed");
    const told = (e: LogEvent, w: World) => event(w, e);
    const once = told(changed, inRoom());
    const conversation = once.talks[ROOM]?.conversation;
    expect(conversation).toMatchObject({ name: "Glass", room: changed.room?.room });
    expect(told(changed, once).talks[ROOM]).toEqual(once.talks[ROOM]);
    const left: LogEvent = { type: "room.left", members: { conversationId: ROOM, userIds: [CY] } };
    const owners = told(left, once).talks[ROOM]?.conversation.room?.ownerIds;
    expect(owners).toEqual(changed.room?.room.ownerIds?.filter((id) => id !== CY));
    const other = { ...changed, room: { ...changed.room, conversationId: "r.2" } } as LogEvent;
    expect(told(other, once).talks).toEqual(once.talks);
  });

  test("who joins a room and who leaves it changes its members, once", () => {
    const joined = (w: World) =>
      event(w, { type: "room.joined", members: { conversationId: ROOM, userIds: [CY] } });
    const left = (w: World) =>
      event(w, { type: "room.left", members: { conversationId: ROOM, userIds: [MAX] } });
    expect(joined(inRoom()).talks[ROOM]?.conversation.participants).toEqual([ANA, MAX, CY]);
    expect(joined(joined(inRoom())).talks).toEqual(joined(inRoom()).talks);
    expect(left(joined(inRoom())).talks[ROOM]?.conversation.participants).toEqual([ANA, CY]);
    expect(joined(begun()).talks).toEqual(begun().talks); // a room that is not here
  });

  test("a posted message raises lastN, and unread unless it is one's own", () => {
    const theirs = event(begun(), { type: "message.posted", message: message(3) });
    expect(theirs.talks[TALK]).toMatchObject({ lastN: 3, readN: 1 });
    const own = event(begun(), { type: "message.posted", message: message(3, ANA) });
    expect(own.talks[TALK]).toMatchObject({ lastN: 3, readN: 3 });
  });

  test("the same event twice is as once", () => {
    const once = event(begun(), { type: "message.posted", message: message(3) });
    const twice = event(once, { type: "message.posted", message: message(3) });
    expect(twice.talks[TALK]?.messages).toEqual(once.talks[TALK]?.messages);
  });

  test("order comes from the numbers, not from the order of arrival", () => {
    let w = event(begun(), { type: "message.posted", message: message(4) });
    w = event(w, { type: "message.posted", message: message(3) });
    expect(w.talks[TALK]?.messages.map((m) => m.n)).toEqual([1, 2, 3, 4]);
  });

  test("a read mark goes forward only", () => {
    const marked = event(begun(), { type: "read.marked", read: { conversationId: TALK, n: 2 } });
    expect(marked.talks[TALK]?.readN).toBe(2);
    const back = event(marked, { type: "read.marked", read: { conversationId: TALK, n: 1 } });
    expect(back.talks[TALK]?.readN).toBe(2);
  });

  test("a conversation is muted, and is as it was when it is no more", () => {
    const w = begun();
    const muted = event(w, example("conversation.muted"));
    expect(muted.talks[TALK]?.muted).toBe(true);
    const again = event(muted, { type: "conversation.muted", mute: { conversationId: TALK, muted: false } });
    expect(again.talks).toEqual(w.talks);
  });

  test("an empty draft removes it", () => {
    const draft = { conversationId: TALK, text: "half a", at: NOW };
    const kept = event(begun(), { type: "draft.changed", draft });
    expect(kept.talks[TALK]?.draft?.text).toBe("half a");
    expect(event(kept, example("draft.changed")).talks[TALK]?.draft).toBeUndefined();
  });

  describe("a draft to somebody not yet written to", () => {
    const draft = { conversationId: TALK, text: "half a", at: NOW };
    const unbegun: ConversationState = {
      conversation: { id: TALK, kind: "direct", participants: [ANA, MAX], createdAt: 0 },
      lastN: 0,
      readN: 0,
      tail: [],
      more: false,
      draft,
    };
    const told = (conversations: ConversationState[]) =>
      apply(
        emptyWorld,
        { reset: { reason: "first", cursor: "c0", snapshot: { ...exampleSnapshot, conversations } } },
        NOW,
      );

    test("is kept, be it told by an event or by a snapshot", () => {
      const byEvent = event(told([]), { type: "draft.changed", draft });
      expect(byEvent.talks[TALK]).toEqual({
        conversation: unbegun.conversation,
        lastN: 0,
        readN: 0,
        messages: [],
        more: false,
        draft,
      });
      expect(byEvent.talks).toEqual(told([unbegun]).talks);
    });

    test("takes the conversation along when it is emptied", () => {
      const emptied = event(told([unbegun]), { type: "draft.changed", draft: { ...draft, text: "" } });
      expect(emptied.talks).toEqual({});
    });

    test("stays when the conversation begins", () => {
      const opened = event(told([unbegun]), example("conversation.opened"));
      expect(opened.talks[TALK]?.conversation.createdAt).toBeGreaterThan(0);
      expect(opened.talks[TALK]?.draft).toEqual(draft);
    });

    test("goes with the person, and is not taken for somebody one does not know of", () => {
      expect(rights(told([unbegun]), { peopleLost: [MAX] }).talks).toEqual({});
      const stranger = { ...draft, conversationId: `d.${ANA}.stranger` };
      expect(event(told([]), { type: "draft.changed", draft: stranger }).talks).toEqual({});
    });
  });

  test("a message ends the typing of its author and leaves the outbox", () => {
    const item = {
      message: { id: "m3", conversationId: TALK, text: "x" },
      order: 1,
      at: NOW,
      state: "sending",
    } as const;
    let w = signal(begun(), { type: "outbox", outbox: item });
    w = signal(w, { type: "typing", conversationId: TALK, userId: ANA, typing: true });
    w = event(w, { type: "message.posted", message: message(3, ANA) });
    expect(w.outbox).toEqual({});
    expect(w.typing[TALK]).toEqual({});
  });

  test("an unknown event moves the cursor and nothing else", () => {
    const w = event(begun(), { type: "planet.discovered" } as unknown as LogEvent);
    expect(w).toEqual({ ...begun(), cursor: "c0+" });
  });

  test("an empty frame moves the cursor", () => {
    expect(apply(begun(), { prev: "c0", cursor: "c1" }, NOW).cursor).toBe("c1");
  });

  test("an answer leaves the world as it is", () => {
    const w = begun();
    expect(apply(w, { re: 1, ok: {} } as Frame, NOW)).toBe(w);
  });
});

describe("rights", () => {
  test("teams come whole, or not at all", () => {
    const night = { id: "t7", name: "Night" };
    const w = rights(begun(), { teams: [night] });
    expect(w.teams).toEqual({ t7: night });
    expect(rights(w, { peopleLost: [MAX] }).teams).toEqual({ t7: night });
    expect(rights(w, { teams: [] }).teams).toEqual({});
  });

  test("what is lost disappears with all traces, the outbox included", () => {
    const item = {
      message: { id: "x", conversationId: TALK, text: "x" },
      order: 1,
      at: NOW,
      state: "waiting",
    } as const;
    let w = signal(begun(), { type: "outbox", outbox: item });
    w = rights(w, { peopleLost: [MAX], conversationsLost: [TALK] });
    expect(JSON.stringify(w)).not.toContain(MAX);
  });

  test("what is gained comes with its tail, and the cursor stays", () => {
    const state = exampleSnapshot.conversations[0];
    if (!state) throw new Error("the example has a conversation");
    const lost = rights(begun(), { conversationsLost: [TALK] });
    const w = rights(lost, { conversationsGained: [state], post: { [TALK]: { allowed: false } } });
    expect(w.talks[TALK]?.messages).toHaveLength(2);
    expect(w.post[TALK]?.allowed).toBe(false);
    expect(w.cursor).toBe("c0");
  });
});

describe("signals", () => {
  test("every example is taken without complaint", () => {
    for (const s of exampleSignals) expect(() => signal(begun(), s)).not.toThrow();
  });

  test("typing lapses by itself", () => {
    const w = signal(begun(), exampleSignal("typing"));
    expect(Object.keys(w.typing[TALK] ?? {})).toEqual([MAX]);
    expect(lapseTyping(w, NOW + 5_999)).toBe(w);
    expect(lapseTyping(w, NOW + 6_000).typing[TALK]).toEqual({});
  });

  test("who is not named in presence.all is offline", () => {
    expect(signal(begun(), { type: "presence.all", presenceAll: [] }).presence).toEqual({});
  });

  test("an outbox item comes, and goes", () => {
    const w = signal(begun(), exampleSignal("outbox"));
    expect(Object.values(w.outbox)[0]?.error?.refusal?.rule).toBe("switch.off");
    expect(signal(w, exampleSignal("outbox.gone")).outbox).toEqual({});
  });
});

test("nothing handed in is changed", () => {
  const w = begun();
  const before = structuredClone(w);
  for (const e of exampleEvents) event(w, e);
  for (const s of exampleSignals) signal(w, s);
  rights(w, { peopleLost: [MAX], conversationsLost: [TALK] });
  expect(w).toEqual(before);
});

test("older messages come in front, without repeating what is there", () => {
  const talk = begun().talks[TALK];
  if (!talk) throw new Error("the example has a conversation");
  const page = prepend(
    { ...talk, messages: [message(5), message(6)], more: true },
    [message(4), message(5)],
    false,
  );
  expect(page.messages.map((m) => m.n)).toEqual([4, 5, 6]);
  expect(page.more).toBe(false);
});

test("the other side of a direct conversation", () => {
  expect(otherOf(TALK, ANA)).toBe(MAX);
  expect(otherOf(TALK, MAX)).toBe(ANA);
  expect(otherOf(TALK, "somebody else")).toBeNull();
  expect(otherOf("r.room", ANA)).toBeNull();
});

describe("changed messages", () => {
  const edited = { ...message(2), text: "as it is now", revision: 1, editedAt: NOW + 9 };
  const posted = () => event(begun(), { type: "message.posted", message: message(3) });

  test("stand in the place of what they were, and change nothing else", () => {
    const w = posted();
    const old = w.talks[TALK]?.messages[1] as Message;
    const next = event(w, { type: "message.edited", message: { ...edited, id: old.id } });
    expect(next.talks[TALK]?.messages.map((m) => m.text)).toEqual([
      w.talks[TALK]?.messages[0]?.text,
      "as it is now",
      "message 3",
    ]);
    expect(next.talks[TALK]?.lastN).toBe(w.talks[TALK]?.lastN);
    expect(next.talks[TALK]?.readN).toBe(w.talks[TALK]?.readN);
    expect(next.talks[TALK]?.messages[2]).toBe(w.talks[TALK]?.messages[2]);
  });

  test("keep their place without content when they are deleted", () => {
    const gone = { ...message(3), text: "", revision: 1, deletedAt: NOW + 9 };
    const w = event(posted(), { type: "message.deleted", message: gone });
    expect(w.talks[TALK]?.messages.at(-1)).toEqual(gone);
  });

  test("that are not here change nothing", () => {
    const w = posted();
    expect(event(w, { type: "message.edited", message: edited }).talks).toBe(w.talks);
    const elsewhere = { ...edited, conversationId: "d.x.y" };
    expect(event(w, { type: "message.deleted", message: elsewhere }).talks).toBe(w.talks);
  });
});
