import type { PeerState } from "../peer/peer";
import type { Can, ConversationID, Draft, Link, OutboxItem, User, UserID } from "../protocol";
import type { OwnItem } from "./outbox";
import { hasBegun, otherOf, type Talk, type World } from "./world";

/** What the connection means for people. */
export type Net =
  | { kind: "online" }
  | { kind: "connecting" }
  /** nextTryAt 0: a try is under way. */
  | { kind: "offline"; sinceAt: number; nextTryAt: number };

/**
 * Puts the page's own connection and the replica's link together: one is online only if both are. A try that is
 * under way stays offline until it has succeeded, so that nothing flickers with every try.
 */
export function netAfter(before: Net, peer: PeerState, link: Link | null): Net {
  const now = netOf(peer, link);
  if (now.kind === "connecting" && before.kind === "offline") return { ...before, nextTryAt: 0 };
  return now;
}

function netOf(peer: PeerState, link: Link | null): Net {
  if (peer.kind === "offline") return { kind: "offline", sinceAt: peer.sinceAt, nextTryAt: peer.nextTryAt };
  if (peer.kind !== "online") return { kind: "connecting" };
  if (!link || link.state === "online") return { kind: "online" };
  if (link.state === "connecting") return { kind: "connecting" };
  return { kind: "offline", sinceAt: link.sinceAt, nextTryAt: link.nextTryAt ?? 0 };
}

/** All that waits, is on its way or was refused, in the order typed: the replica's first, then the page's own. */
export function allOutbox(world: World, own: OwnItem[]): OutboxItem[] {
  const replicas = Object.values(world.outbox).sort((a, b) => a.order - b.order);
  return [...replicas, ...own.filter((i) => !world.outbox[i.message.id])];
}

export function outboxOf(world: World, own: OwnItem[], id: ConversationID): OutboxItem[] {
  return allOutbox(world, own).filter((i) => i.message.conversationId === id);
}

/** How many messages have not reached the hub; the refused ones do not wait for anything. */
export function waitingCount(world: World, own: OwnItem[]): number {
  return allOutbox(world, own).filter((i) => i.state !== "refused").length;
}

/** What would be lost by signing out. */
export interface Unsent {
  /** Messages that wait, are on their way or were refused. */
  messages: number;
  /** Drafts the hub may not have. */
  drafts: number;
}

/**
 * Counts what signing out would take away. With a replica nobody tells the page which drafts it has passed on, so
 * without a connection all count.
 *
 * @param replica whether a replica keeps what is unsent; signing out then clears it with everything of the account.
 */
export function unsentOf(
  world: World,
  own: OwnItem[],
  drafts: Readonly<Record<ConversationID, Draft>>,
  replica: boolean,
  net: Net,
): Unsent {
  const ids = new Set(Object.keys(drafts));
  if (replica && net.kind !== "online") for (const id of Object.keys(world.talks)) ids.add(id);
  return {
    messages: allOutbox(world, own).length,
    drafts: [...ids].filter((id) => draftOf(world, drafts, id)).length,
  };
}

export function unreadOf(talk: Talk | undefined): number {
  return talk ? Math.max(0, talk.lastN - talk.readN) : 0;
}

/** What the badge counts: muted conversations call nobody. */
export function unreadTotal(world: World): number {
  let sum = 0;
  for (const talk of Object.values(world.talks)) if (!talk.muted) sum += unreadOf(talk);
  return sum;
}

/** The other person of a conversation; undefined if one may no longer know of them. */
export function personOf(world: World, id: ConversationID): User | undefined {
  const other = world.me ? otherOf(id, world.me.user.id) : null;
  return other ? world.people[other] : undefined;
}

/**
 * Whether one may write in a conversation, opened or not. An allowance that has run out says what holds then. What
 * nothing tells of is allowed to be tried: the hub decides anyway.
 */
export function mayPost(world: World, id: ConversationID, now: number): Can {
  const other = world.me ? otherOf(id, world.me.user.id) : null;
  const can = world.post[id] ?? (other ? world.start[other] : undefined);
  return at(can, now);
}

/** Whether one may write to a person, be it an answer or a first message. */
export function mayWriteTo(world: World, user: UserID, id: ConversationID, now: number): Can {
  return world.talks[id] ? mayPost(world, id, now) : at(world.start[user], now);
}

function at(can: Can | undefined, now: number): Can {
  if (!can) return { allowed: true };
  if (!can.allowed || !can.untilAt || now < can.untilAt) return can;
  return { allowed: false, gate: can.thenGate, rule: can.thenRule };
}

/** One line of the conversation list. */
export interface Row {
  id: ConversationID;
  /** A person's name, or a room's; "…" if the person is not known any more. */
  name: string;
  person: User | undefined;
  talk: Talk | undefined;
  unread: number;
  draft: Draft | undefined;
  /** The newest message that is not posted. */
  pending: OutboxItem | undefined;
  /** When something last happened, for the order; 0 for never. */
  at: number;
}

/** The conversation list, newest first. A draft or a waiting message makes a conversation that is not opened yet appear. */
export function rowsOf(world: World, own: OwnItem[], drafts: Readonly<Record<string, Draft>>): Row[] {
  const pendingOf = new Map<ConversationID, OutboxItem>();
  for (const item of allOutbox(world, own)) pendingOf.set(item.message.conversationId, item);
  const ids = new Set([...Object.keys(world.talks), ...pendingOf.keys()]);
  for (const [id, draft] of Object.entries(drafts)) if (draft.text) ids.add(id);
  const rows: Row[] = [];
  for (const id of ids) {
    const talk = world.talks[id];
    const person = personOf(world, id);
    if (!talk && !person) continue;
    const pending = pendingOf.get(id);
    const draft = draftOf(world, drafts, id);
    const last = talk?.messages[talk.messages.length - 1];
    // A draft does not move a conversation; where nothing was said yet it is all there is.
    const begun = talk !== undefined && hasBegun(talk);
    const at = Math.max(
      last?.at ?? talk?.conversation.createdAt ?? 0,
      pending?.at ?? 0,
      begun ? 0 : (draft?.at ?? 0),
    );
    const name = talk?.conversation.name ?? person?.displayName ?? "…";
    rows.push({ id, name, person, talk, unread: talk ? unreadOf(talk) : 0, draft, pending, at });
  }
  return rows.sort((a, b) => b.at - a.at || (a.id < b.id ? -1 : 1));
}

/** The draft in a conversation: what was typed here last, else what the hub keeps. */
export function draftOf(
  world: World,
  drafts: Readonly<Record<string, Draft>>,
  id: ConversationID,
): Draft | undefined {
  const draft = drafts[id] ?? world.talks[id]?.draft;
  return draft?.text ? draft : undefined;
}

/** People one may know of, without oneself and without those who have left, by name. */
export function colleagues(world: World): User[] {
  return Object.values(world.people)
    .filter((u) => u.active && u.id !== world.me?.user.id)
    .sort((a, b) => a.displayName.localeCompare(b.displayName));
}

/** Whether a name or title answers to what somebody typed: each word begins one of theirs. */
export function matches(query: string, ...texts: (string | undefined)[]): boolean {
  const words = fold(query).split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const hay = fold(texts.filter(Boolean).join(" "));
  return words.every((w) => hay.startsWith(w) || hay.includes(` ${w}`) || (w.length > 2 && hay.includes(w)));
}

/** Those that answer to what somebody typed, in their order, but first those of which each word begins a word of the first text. */
export function matching<T>(
  query: string,
  all: T[],
  texts: (one: T) => [string, ...(string | undefined)[]],
): T[] {
  const words = fold(query).split(/\s+/).filter(Boolean);
  const begins = (one: T) => {
    const name = ` ${fold(texts(one)[0])}`;
    return words.every((w) => name.includes(` ${w}`));
  };
  const found = all.filter((one) => matches(query, ...texts(one)));
  return [...found.filter(begins), ...found.filter((one) => !begins(one))];
}

/** Without accents and case. Most names have no accents, and taking away what is not there is dear over thousands. */
function fold(s: string): string {
  const plain = onlyAscii.test(s) ? s : s.normalize("NFD").replace(/\p{M}/gu, "");
  return plain.toLocaleLowerCase();
}
const onlyAscii = /^[ -~]*$/;
