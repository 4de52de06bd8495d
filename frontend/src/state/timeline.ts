import type { Message, OutboxItem, UserID } from "../protocol";
import type { Talk } from "./world";

/** One row of the timeline. Keys are stable: a message keeps its own from waiting to posted. */
export type Entry =
  | { kind: "head"; key: string }
  | { kind: "day"; key: string; at: number }
  | { kind: "new"; key: string; count: number }
  | { kind: "message"; key: string; message: Message; mine: boolean; first: boolean }
  | { kind: "pending"; key: string; item: OutboxItem; first: boolean };

/** The messages that were new to the reader: the numbers of the first and the last. */
export interface Fresh {
  from: number;
  to: number;
}

/** Messages of one author closer together than this belong to one group. */
const GROUP_MS = 5 * 60_000;

type Dated = { at: number; author: UserID } & ({ message: Message } | { item: OutboxItem });

/**
 * The rows of a conversation, oldest first: date separators, the line before the first new message, messages in
 * groups, and what is not posted. Refused messages stay where they were written; what still waits comes last,
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
    ...mergeRefused(talk?.messages ?? [], refused, me),
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
    entries.push(
      "message" in one
        ? {
            kind: "message",
            key: one.message.id,
            message: one.message,
            mine: one.author === me,
            first: apart,
          }
        : { kind: "pending", key: one.item.message.id, item: one.item, first: apart },
    );
    previous = one;
  }
  return entries;
}

function keyOf(one: Dated): string {
  return "message" in one ? one.message.id : one.item.message.id;
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
