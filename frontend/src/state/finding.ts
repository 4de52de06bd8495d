import { createStore, type StoreApi } from "zustand/vanilla";
import { type Request, RequestError } from "../peer/peer";
import type { ConversationID, Failure, Message, UserID } from "../protocol";

// What one looks for in the list: a text, and what narrows down the messages that are found by it. The hub finds messages,
// among those one may read; names are found by the page itself.

/** What messages are narrowed down to. */
export interface Narrowed {
  conversationId?: ConversationID;
  authorId?: UserID;
  /** Days of the reader's own calendar, yyyy-mm-dd; both are included. */
  from?: string;
  to?: string;
}

export interface FindingState {
  text: string;
  narrowed: Narrowed;
  /** The newest first; null while nothing is looked for, or before the first answer. */
  found: readonly Message[] | null;
  /** What was found for; the words that are marked. */
  foundText: string;
  more: boolean;
  /** What was found is of this computer alone, which has no connection. */
  here: boolean;
  busy: boolean;
  failure: Failure | null;
}

/** How long typing rests before it is looked for. */
const REST_MS = 200;
/** Fewer letters find names only. */
export const LEAST = 2;
const PAGE = 30;

const nothing: FindingState = {
  text: "",
  narrowed: {},
  found: null,
  foundText: "",
  more: false,
  here: false,
  busy: false,
  failure: null,
};

export class Finding {
  readonly store: StoreApi<FindingState> = createStore(() => nothing);
  /** Raised by each question, so that only the answer to the last one counts. */
  private round = 0;
  private rest: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly request: Request) {}

  private get state(): FindingState {
    return this.store.getState();
  }

  /** Looks for something else once typing rests. */
  type(text: string): void {
    this.store.setState({ text });
    this.look(REST_MS);
  }

  narrow(change: Narrowed): void {
    this.store.setState({ narrowed: { ...this.state.narrowed, ...change } });
    this.look(0);
  }

  /** Looks for nothing any more. */
  clear(): void {
    this.round++;
    clearTimeout(this.rest);
    this.store.setState(nothing);
  }

  /** Looks again, for example when the connection is back. */
  again(): void {
    this.look(0);
  }

  older(): Promise<void> {
    const last = this.state.found?.at(-1);
    if (!last || !this.state.more || this.state.busy) return Promise.resolve();
    return this.ask(last.id);
  }

  private look(rest: number): void {
    this.round++;
    clearTimeout(this.rest);
    if (this.state.text.trim().length < LEAST) {
      this.store.setState({
        found: null,
        foundText: "",
        more: false,
        here: false,
        busy: false,
        failure: null,
      });
      return;
    }
    this.store.setState({ busy: true });
    this.rest = setTimeout(() => void this.ask(), rest);
  }

  private async ask(beforeId?: string): Promise<void> {
    const round = ++this.round;
    const { text, narrowed } = this.state;
    this.store.setState({ busy: true });
    try {
      const page = await this.request("message.search", {
        text,
        ...(narrowed.conversationId && { conversationId: narrowed.conversationId }),
        ...(narrowed.authorId && { authorId: narrowed.authorId }),
        ...(narrowed.from && { fromAt: startOf(narrowed.from, 0) }),
        ...(narrowed.to && { toAt: startOf(narrowed.to, 1) }),
        ...(beforeId && { beforeId }),
        limit: PAGE,
      });
      if (round !== this.round) return;
      const found = beforeId ? [...(this.state.found ?? []), ...page.messages] : page.messages;
      const { more, here = false } = page;
      this.store.setState({ found, foundText: text, more, here, busy: false, failure: null });
    } catch (e) {
      if (!(e instanceof RequestError)) throw e;
      if (round !== this.round) return;
      this.store.setState({ busy: false, failure: e.failure, ...(beforeId ? {} : { found: null }) });
    }
  }
}

/** The first moment of a day, or of a day after it, in the reader's own time zone. */
export function startOf(day: string, after: number): number {
  const [y = 0, m = 1, d = 1] = day.split("-").map(Number);
  return new Date(y, m - 1, d + after).getTime();
}

/** A piece of a text; `hit` is what was looked for. */
export interface Piece {
  text: string;
  hit: boolean;
}

/** How much of a message is shown around the first hit. */
const AROUND = 60;
const LONGEST = 160;

/**
 * The part of a message in which something was found, in pieces. As the index does, it takes the beginnings of words, without
 * regard to case and accents.
 */
export function snippet(text: string, query: string): Piece[] {
  const line = text.replace(/\s+/g, " ").trim();
  const wanted = wordsOf(query).map(([, w]) => fold(w));
  const hits = wordsOf(line).flatMap(([at, word]) => {
    const folded = fold(word);
    const length = Math.max(0, ...wanted.filter((w) => folded.startsWith(w)).map((w) => w.length));
    return length > 0 ? [{ at, end: at + unfolded(word, length) }] : [];
  });
  const first = hits[0]?.at ?? 0;
  const from = first > AROUND ? line.lastIndexOf(" ", first - AROUND / 2) + 1 : 0;
  const to = Math.min(line.length, from + LONGEST);
  const pieces: Piece[] = [];
  const add = (piece: string, hit: boolean) => piece && pieces.push({ text: piece, hit });
  let at = from;
  add(from > 0 ? "… " : "", false);
  for (const hit of hits.filter((h) => h.at >= from && h.end <= to)) {
    add(line.slice(at, hit.at), false);
    add(line.slice(hit.at, hit.end), true);
    at = hit.end;
  }
  add(line.slice(at, to) + (to < line.length ? " …" : ""), false);
  return pieces;
}

function wordsOf(text: string): [at: number, word: string][] {
  return [...text.matchAll(/[\p{L}\p{N}\p{M}]+/gu)].map((m) => [m.index, m[0]]);
}

function fold(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

/** How many signs of a word make as many of its folded form. */
function unfolded(word: string, length: number): number {
  let at = 0;
  for (const sign of word) {
    if (fold(word.slice(0, at)).length >= length) break;
    at += sign.length;
  }
  while (at < word.length && /\p{M}/u.test(word.slice(at))) {
    const next = word.slice(at, at + 1);
    if (!/\p{M}/u.test(next)) break;
    at++;
  }
  return at;
}
