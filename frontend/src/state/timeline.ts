import type { Message, OutboxItem, RoomNote, UserID } from "../protocol";
import type { Talk } from "./world";

/** One row of the timeline. Keys are stable: a message keeps its own from waiting to posted. */
export type Entry =
  | { kind: "head"; key: string }
  | { kind: "day"; key: string; at: number }
  | { kind: "new"; key: string; count: number }
  | { kind: "message"; key: string; message: Message; mine: boolean; first: boolean }
  | { kind: "note"; key: string; note: RoomNote }
  | { kind: "pending"; key: string; item: OutboxItem; first: boolean };

/** The messages that were new to the reader: the numbers of the first and the last. */
export interface Fresh {
  from: number;
  to: number;
}

/** Messages of one author closer together than this belong to one group. */
const GROUP_MS = 5 * 60_000;

type Dated = { at: number; author: UserID } & (
  | { message: Message }
  | { item: OutboxItem }
  | { note: RoomNote }
);

/**
 * The rows of a conversation, oldest first: date separators, the line before the first new message, messages in
 * groups, what was changed of a room, and what is not posted. Refused messages stay where they were written; what still waits comes last,
 * because it will be posted after everything that is there.
 *
 * @param fresh which messages were new when the conversation was opened, if any
 */
export function entriesOf(
  talk: Talk | undefined,
  outbox: OutboxItem[],
  me: UserID,
  fresh: Fresh | undefined,
): Entry[] {
  const posted = new Set(talk?.messages.map((m) => m.id));
  const pending = outbox.filter((i) => !posted.has(i.message.id));
  const refused = pending.filter((i) => i.state === "refused").sort((a, b) => a.at - b.at);
  const waiting = pending.filter((i) => i.state !== "refused");
  const dated = [
    ...withNotes(mergeRefused(talk?.messages ?? [], refused, me), talk),
    ...waiting.map((item) => ({ at: item.at, author: me, item })),
  ];

  const entries: Entry[] = [{ kind: "head", key: "head" }];
  let previous: Dated | null = null;
  // Where the day of the message before ends: looked up once a day, not once a message.
  let dayBegins = 0;
  let dayEnds = Number.NEGATIVE_INFINITY;
  let newPlaced = fresh === undefined;
  for (const one of dated) {
    let apart = !previous || previous.author !== one.author || one.at - previous.at > GROUP_MS;
    if (one.at < dayBegins || one.at >= dayEnds) {
      const day = new Date(one.at);
      entries.push({ kind: "day", key: `day:${day.toDateString()}:${keyOf(one)}`, at: one.at });
      dayBegins = day.setHours(0, 0, 0, 0);
      dayEnds = day.setDate(day.getDate() + 1);
      apart = true;
    }
    if (!newPlaced && "message" in one && fresh && one.message.n >= fresh.from) {
      newPlaced = true;
      const count = (talk?.messages ?? []).filter(
        (m) => m.n >= fresh.from && m.n <= fresh.to && m.authorId !== me,
      ).length;
      if (count > 0) {
        entries.push({ kind: "new", key: "new", count });
        apart = true;
      }
    }
    entries.push(entryOf(one, me, apart));
    previous = one;
  }
  return entries;
}

function entryOf(one: Dated, me: UserID, first: boolean): Entry {
  const key = keyOf(one);
  if ("message" in one) return { kind: "message", key, message: one.message, mine: one.author === me, first };
  if ("note" in one) return { kind: "note", key, note: one.note };
  return { kind: "pending", key, item: one.item, first };
}

function keyOf(one: Dated): string {
  if ("note" in one) return `note:${one.note.n}`;
  return "message" in one ? one.message.id : one.item.message.id;
}

/** Puts a room's notes behind the messages that were its newest then; those of messages that are not loaded yet wait. */
function withNotes(dated: Dated[], talk: Talk | undefined): Dated[] {
  const notes = talk?.conversation.room?.notes ?? [];
  if (!talk || notes.length === 0) return dated;
  const from = talk.more ? (talk.messages[0]?.n ?? Number.POSITIVE_INFINITY) : 0;
  const shown = notes.filter((note) => note.afterN >= from);
  const out: Dated[] = [];
  let next = 0;
  const before = (n: number) => {
    while (next < shown.length && (shown[next] as RoomNote).afterN < n) {
      const note = shown[next++] as RoomNote;
      out.push({ at: note.at, author: "", note });
    }
  };
  for (const one of dated) {
    if ("message" in one) before(one.message.n);
    out.push(one);
  }
  before(Number.POSITIVE_INFINITY);
  return out;
}

/** Order of messages comes from their numbers alone; a refused one goes before the first that is younger. */
function mergeRefused(messages: Message[], refused: OutboxItem[], me: UserID): Dated[] {
  const out: Dated[] = [];
  let next = 0;
  for (const message of messages) {
    while (next < refused.length && (refused[next] as OutboxItem).at < message.at) {
      const item = refused[next++] as OutboxItem;
      out.push({ at: item.at, author: me, item });
    }
    out.push({ at: message.at, author: message.authorId, message });
  }
  for (const item of refused.slice(next)) out.push({ at: item.at, author: me, item });
  return out;
}
