import type {
  Can,
  Conversation,
  ConversationID,
  Cursor,
  Draft,
  Link,
  Me,
  Message,
  MessageID,
  Millis,
  Organisation,
  OutboxItem,
  Presence,
  RequestID,
  RightsRequest,
  Team,
  TeamID,
  Template,
  TemplateID,
  User,
  UserID,
} from "../protocol";

/** A conversation as the reader has it: a tail of messages without a gap, older ones loaded on demand. */
export interface Talk {
  conversation: Conversation;
  /** The number of the newest message; unread is lastN - readN. */
  lastN: number;
  readN: number;
  /** New messages do not disturb. */
  muted?: boolean;
  /** Ascending by n, without a gap. */
  messages: Message[];
  /** Whether messages older than the first of `messages` exist. */
  more: boolean;
  draft?: Draft;
}

/**
 * Everything the hub (or the replica) has told. It is changed by `apply` alone, which returns a new World; parts
 * that did not change keep their identity, so views can compare by reference.
 */
export interface World {
  /** Where the client stands in the log; "" before the first reset. Compared for equality only. */
  cursor: Cursor;
  /** Null until the first reset. */
  me: Me | null;
  organisation: Organisation | null;
  teams: Readonly<Record<TeamID, Team>>;
  /** The ready answers one may use. */
  templates: Readonly<Record<TemplateID, Template>>;
  people: Readonly<Record<UserID, User>>;
  talks: Readonly<Record<ConversationID, Talk>>;
  /** Whether one may write first, per person. */
  start: Readonly<Record<UserID, Can>>;
  /** Whether one may write now, per conversation. */
  post: Readonly<Record<ConversationID, Can>>;
  /** Who is not in here is offline. */
  presence: Readonly<Record<UserID, Presence>>;
  /** Who types where, with the time by the page's clock at which it lapses. */
  typing: Readonly<Record<ConversationID, Readonly<Record<UserID, Millis>>>>;
  /** The replica's outbox; empty where the hub itself answers. */
  outbox: Readonly<Record<MessageID, OutboxItem>>;
  /** The replica's connection to the hub; null where the hub itself answers. */
  link: Link | null;
  /** One's own requests for rights, as far as they were asked for or decided since. */
  requests: Readonly<Record<RequestID, RightsRequest>>;
}

export const emptyWorld: World = {
  cursor: "",
  me: null,
  organisation: null,
  teams: {},
  templates: {},
  people: {},
  talks: {},
  start: {},
  post: {},
  presence: {},
  typing: {},
  outbox: {},
  link: null,
  requests: {},
};

/**
 * Whether anything was ever said in a conversation. One that has not begun is told only because of the reader's draft
 * in it; it was created never.
 */
export function hasBegun(talk: Talk): boolean {
  return talk.conversation.createdAt > 0;
}

/** A typing signal lapses by itself after this long (chat.SignalTyping). */
export const TYPING_LAPSES_MS = 6_000;

/** The id of the one conversation of two users (chat.DirectID); the order does not matter. */
export function directId(a: UserID, b: UserID): ConversationID {
  return a < b ? `d.${a}.${b}` : `d.${b}.${a}`;
}

/** The other user of a direct conversation of `me`, or null if it is none. */
export function otherOf(id: ConversationID, me: UserID): UserID | null {
  const [prefix, a, b, ...rest] = id.split(".");
  if (prefix !== "d" || !a || !b || rest.length > 0) return null;
  if (a === me) return b;
  return b === me ? a : null;
}
