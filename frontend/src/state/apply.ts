import type {
  ConversationID,
  ConversationState,
  Draft,
  Frame,
  LogEvent,
  Message,
  MessageReactions,
  Millis,
  Presence,
  Rights,
  RightsRequest,
  Room,
  RoomChange,
  RoomMembers,
  Signal,
  Snapshot,
  TemplateNews,
  UserID,
} from "../protocol";
import { MAX_ROOM_NOTES } from "../protocol";
import { emptyWorld, hasBegun, otherOf, type Talk, TYPING_LAPSES_MS, type World } from "./world";

/**
 * The world after a frame. Pure: same world, frame and time give the same result, and nothing handed in is changed.
 * Answers to requests are not the world's business and leave it as it is; so do unknown events and signals.
 *
 * @param now the page's clock, in milliseconds; used only to let typing signals lapse.
 */
export function apply(world: World, frame: Frame, now: Millis): World {
  if (frame.reset) return fromSnapshot(frame.reset.snapshot, frame.reset.cursor, world);
  let next = world;
  if (frame.cursor !== undefined) {
    for (const event of frame.events ?? []) next = applyEvent(next, event);
    next = { ...next, cursor: frame.cursor };
  }
  if (frame.rights) next = applyRights(next, frame.rights);
  for (const signal of frame.signals ?? []) next = applySignal(next, signal, now);
  return next;
}

/** Everything from a snapshot. Typing and requests are kept, since they are not part of what a snapshot knows. */
function fromSnapshot(s: Snapshot, cursor: string, before: World): World {
  return {
    ...emptyWorld,
    cursor,
    me: s.me,
    organisation: s.organisation,
    teams: byId(s.teams),
    templates: byId(s.templates ?? []),
    people: byId(s.people),
    talks: Object.fromEntries(s.conversations.map((c) => [c.conversation.id, talkOf(c)])),
    start: s.rights.start ?? {},
    post: s.rights.post ?? {},
    presence: presenceOf(s.presence),
    typing: before.me?.user.id === s.me.user.id ? before.typing : {},
    requests: before.me?.user.id === s.me.user.id ? before.requests : {},
    outbox: Object.fromEntries((s.outbox ?? []).map((item) => [item.message.id, item])),
    link: s.link ?? null,
  };
}

function talkOf(c: ConversationState): Talk {
  return {
    conversation: c.conversation,
    lastN: c.lastN,
    readN: c.readN,
    ...(c.muted ? { muted: true } : {}),
    messages: c.tail,
    more: c.more,
    ...(c.draft?.text ? { draft: c.draft } : {}),
  };
}

function applyEvent(w: World, e: LogEvent): World {
  switch (e.type) {
    case "message.posted":
      return e.message ? postMessage(w, e.message) : w;
    case "message.edited":
    case "message.deleted":
      return e.message ? amendMessage(w, e.message) : w;
    case "message.reacted":
      return e.reactions ? changeReactions(w, e.reactions) : w;
    case "conversation.opened": {
      const c = e.conversation;
      if (!c) return w;
      const known = w.talks[c.id];
      const talk: Talk = known
        ? { ...known, conversation: c }
        : { conversation: c, lastN: 0, readN: 0, messages: [], more: false };
      return { ...w, talks: { ...w.talks, [c.id]: talk } };
    }
    case "room.joined":
    case "room.left":
      return e.members ? changeMembers(w, e.members, e.type === "room.joined") : w;
    case "room.changed":
      return e.room ? changeRoom(w, e.room) : w;
    case "read.marked": {
      const read = e.read;
      return read ? changeTalk(w, read.conversationId, (t) => withRead(t, read.n)) : w;
    }
    case "conversation.muted": {
      const mute = e.mute;
      return mute ? changeTalk(w, mute.conversationId, (t) => withMuted(t, mute.muted)) : w;
    }
    case "draft.changed": {
      const draft = e.draft;
      return draft ? changeDraft(w, draft) : w;
    }
    case "status.changed":
      return e.status && w.me ? { ...w, me: { ...w.me, status: e.status } } : w;
    case "user.changed":
      return e.user ? { ...w, people: { ...w.people, [e.user.id]: e.user } } : w;
    case "me.changed":
      return e.me ? { ...w, me: e.me } : w;
    case "team.changed":
      return e.team ? { ...w, teams: { ...w.teams, [e.team.id]: e.team } } : w;
    case "team.gone": {
      const { [e.team?.id ?? ""]: _, ...teams } = w.teams;
      return { ...w, teams };
    }
    case "organisation.changed":
      return e.organisation ? { ...w, organisation: e.organisation } : w;
    case "request.decided":
      return e.request ? keepRequests(w, [e.request]) : w;
    default:
      return w;
  }
}

/** Keeps requests for rights as they are now. */
export function keepRequests(w: World, requests: RightsRequest[]): World {
  return { ...w, requests: { ...w.requests, ...byId(requests) } };
}

/** Adds users to a room's participants, or takes them away, who own it no more then. */
function changeMembers(w: World, change: RoomMembers, joined: boolean): World {
  return changeTalk(w, change.conversationId, (t) => {
    const gone = (id: UserID) => change.userIds.includes(id);
    const others = t.conversation.participants.filter((id) => !gone(id));
    if (joined) {
      const participants = [...others, ...change.userIds].sort();
      return { ...t, conversation: { ...t.conversation, participants } };
    }
    const conversation = { ...t.conversation, participants: others };
    const room = conversation.room;
    if (room?.ownerIds?.some(gone)) {
      const { ownerIds, ...rest } = room;
      conversation.room = withOwners(
        rest,
        ownerIds.filter((id) => !gone(id)),
      );
    }
    return { ...t, conversation };
  });
}

function withOwners(room: Room, ownerIds: UserID[]): Room {
  return ownerIds.length > 0 ? { ...room, ownerIds } : room;
}

/** Puts a room in force as it is now. Its notes are added to those that are there. */
function changeRoom(w: World, change: RoomChange): World {
  return changeTalk(w, change.conversationId, (t) => {
    const told = change.room.notes ?? [];
    const first = told[0]?.n ?? Number.POSITIVE_INFINITY;
    const kept = (t.conversation.room?.notes ?? []).filter((note) => note.n < first);
    const { notes: _, ...room } = change.room;
    const notes = [...kept, ...told].slice(-MAX_ROOM_NOTES);
    return {
      ...t,
      conversation: {
        ...t.conversation,
        name: change.name,
        room: notes.length > 0 ? { ...room, notes } : room,
      },
    };
  });
}

/**
 * Keeps a draft, or removes it if it is empty. A conversation that has not begun is there as long as its draft is, as
 * in a snapshot; a draft to somebody who is not known (any more) is left.
 */
function changeDraft(w: World, draft: Draft): World {
  const id = draft.conversationId;
  const talk = w.talks[id] ?? notBegun(w, id);
  if (!talk) return w;
  if (draft.text) return { ...w, talks: { ...w.talks, [id]: { ...talk, draft } } };
  const { [id]: _, ...others } = w.talks;
  if (!hasBegun(talk)) return { ...w, talks: others };
  const { draft: __, ...without } = talk;
  return { ...w, talks: { ...others, [id]: without } };
}

/** A conversation without a message, with somebody one knows of; null for all others. */
function notBegun(w: World, id: ConversationID): Talk | null {
  const me = w.me?.user.id;
  const other = me && otherOf(id, me);
  if (!me || !other || !w.people[other]) return null;
  const participants = [me, other].sort();
  return {
    conversation: { id, kind: "direct", participants, createdAt: 0 },
    lastN: 0,
    readN: 0,
    messages: [],
    more: false,
  };
}

function postMessage(w: World, m: Message): World {
  const { [m.id]: posted, ...waiting } = w.outbox;
  const next = posted ? { ...w, outbox: waiting } : w;
  return stopTyping(
    changeTalk(next, m.conversationId, (t) => {
      const talk = { ...t, lastN: Math.max(t.lastN, m.n), messages: insert(t.messages, m) };
      // Posting marks as read what came before.
      return m.authorId === w.me?.user.id ? withRead(talk, m.n) : talk;
    }),
    m.conversationId,
    m.authorId,
  );
}

/** Puts a changed message in the place of what it was, if that is here. */
function amendMessage(w: World, m: Message): World {
  return changeTalk(w, m.conversationId, (t) => {
    const at = t.messages.findIndex((x) => x.id === m.id);
    return at < 0 ? t : { ...t, messages: t.messages.with(at, m) };
  });
}

/** Puts other reactions under a message, if it is here. */
function changeReactions(w: World, { conversationId, id, reactions }: MessageReactions): World {
  const known = w.talks[conversationId]?.messages.find((m) => m.id === id);
  if (!known) return w;
  const { reactions: _, ...bare } = known;
  return amendMessage(w, reactions.length ? { ...bare, reactions } : bare);
}

/** Puts a message in its place by number; one that is there already is replaced. */
function insert(messages: Message[], m: Message): Message[] {
  const last = messages[messages.length - 1];
  if (!last || m.n > last.n) return [...messages, m];
  const at = messages.findIndex((x) => x.n >= m.n);
  const same = messages[at]?.n === m.n;
  return [...messages.slice(0, at), m, ...messages.slice(same ? at + 1 : at)];
}

/** Adds a page of older messages in front, leaving out what is there already. */
export function prepend(talk: Talk, older: Message[], more: boolean): Talk {
  const first = talk.messages[0]?.n ?? Number.POSITIVE_INFINITY;
  return { ...talk, messages: [...older.filter((m) => m.n < first), ...talk.messages], more };
}

/** Moves the read mark forward; it never goes back. */
export function withRead(talk: Talk, n: number): Talk {
  return n > talk.readN ? { ...talk, readN: n } : talk;
}

function withMuted({ muted: _, ...talk }: Talk, muted: boolean): Talk {
  return muted ? { ...talk, muted } : talk;
}

export function changeTalk(w: World, id: string, change: (talk: Talk) => Talk): World {
  const talk = w.talks[id];
  if (!talk) return w;
  const changed = change(talk);
  return changed === talk ? w : { ...w, talks: { ...w.talks, [id]: changed } };
}

function applyRights(w: World, r: Rights): World {
  const people = { ...w.people };
  const start = { ...w.start, ...r.start };
  const presence = { ...w.presence };
  for (const user of r.peopleGained ?? []) people[user.id] = user;
  for (const id of r.peopleLost ?? []) {
    delete people[id];
    delete start[id];
    delete presence[id];
  }
  const talks = { ...w.talks };
  const post = { ...w.post, ...r.post };
  const typing = { ...w.typing };
  const lost = new Set(r.conversationsLost ?? []);
  for (const state of r.conversationsGained ?? []) talks[state.conversation.id] = talkOf(state);
  for (const [id, talk] of Object.entries(talks)) {
    const other = w.me && !hasBegun(talk) ? otherOf(id, w.me.user.id) : null;
    if (other && !people[other]) lost.add(id);
  }
  for (const id of lost) {
    delete talks[id];
    delete post[id];
    delete typing[id];
  }
  const outbox = lost.size
    ? Object.fromEntries(Object.entries(w.outbox).filter(([, i]) => !lost.has(i.message.conversationId)))
    : w.outbox;
  const teams = r.teams ? byId(r.teams) : w.teams;
  const templates = r.templates ? changedTemplates(w, r.templates) : w.templates;
  return { ...w, people, teams, templates, start, presence, talks, post, typing, outbox };
}

function changedTemplates(w: World, { whole, changed, gone = [] }: TemplateNews): World["templates"] {
  const kept = whole ? [] : Object.values(w.templates).filter((t) => !gone.includes(t.id));
  return byId([...kept, ...changed]);
}

function applySignal(w: World, s: Signal, now: Millis): World {
  switch (s.type) {
    case "typing": {
      if (!s.conversationId || !s.userId) return w;
      if (!s.typing) return stopTyping(w, s.conversationId, s.userId);
      const here = { ...w.typing[s.conversationId], [s.userId]: now + TYPING_LAPSES_MS };
      return { ...w, typing: { ...w.typing, [s.conversationId]: here } };
    }
    case "presence":
      return s.presence ? { ...w, presence: { ...w.presence, [s.presence.userId]: s.presence } } : w;
    case "presence.all":
      return { ...w, presence: presenceOf(s.presenceAll ?? []) };
    case "outbox":
      return s.outbox ? { ...w, outbox: { ...w.outbox, [s.outbox.message.id]: s.outbox } } : w;
    case "outbox.gone": {
      if (!s.messageId || !w.outbox[s.messageId]) return w;
      const { [s.messageId]: _, ...rest } = w.outbox;
      return { ...w, outbox: rest };
    }
    case "link":
      return s.link ? { ...w, link: s.link } : w;
    default:
      return w;
  }
}

function stopTyping(w: World, conversationId: string, userId: string): World {
  const here = w.typing[conversationId];
  if (!here?.[userId]) return w;
  const { [userId]: _, ...rest } = here;
  return { ...w, typing: { ...w.typing, [conversationId]: rest } };
}

/** Forgets typing signals that have lapsed; the same world if there are none. */
export function lapseTyping(w: World, now: Millis): World {
  let next = w;
  for (const [conversationId, users] of Object.entries(w.typing)) {
    for (const [userId, lapsesAt] of Object.entries(users)) {
      if (lapsesAt <= now) next = stopTyping(next, conversationId, userId);
    }
  }
  return next;
}

function presenceOf(list: Presence[]): Record<string, Presence> {
  return Object.fromEntries(list.map((p) => [p.userId, p]));
}

function byId<T extends { id: string }>(list: T[]): Record<string, T> {
  return Object.fromEntries(list.map((x) => [x.id, x]));
}
