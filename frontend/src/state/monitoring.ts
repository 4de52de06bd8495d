import { createStore, type StoreApi } from "zustand/vanilla";
import { type Request, RequestError } from "../peer/peer";
import type { ConversationID, Failure, Message, Signal, TranscriptInfo, WatchedGroup } from "../protocol";

// What a supervisor watches: the conversations of the groups they were named for, and the one that is open. None of it
// is one's own: nothing is kept when it is closed, nothing is marked as read. The hub decides what may be read.

/** The open conversation of others. */
export interface Transcript {
  id: ConversationID;
  /** Ascending and without gaps, as far as known. */
  messages: readonly Message[];
  /** Older ones can be read. */
  more: boolean;
  /** Whether it is followed now; `ended` after the right has ended. */
  live: "no" | "yes" | "ended";
  loading: boolean;
  failure: Failure | null;
}

export interface MonitoringState {
  /** What may be watched at all; null before the first answer. */
  groups: readonly WatchedGroup[] | null;
  query: string;
  found: readonly TranscriptInfo[];
  more: boolean;
  loading: boolean;
  failure: Failure | null;
  open: Transcript | null;
}

const LIST_PAGE = 60;
const TRANSCRIPT_PAGE = 60;
const nothing: MonitoringState = {
  groups: null,
  query: "",
  found: [],
  more: false,
  loading: false,
  failure: null,
  open: null,
};

export class Monitoring {
  readonly store: StoreApi<MonitoringState> = createStore(() => nothing);
  /** Raised by each question, so that only the answer to the last one counts. */
  private round = 0;
  private looking = false;

  constructor(private readonly request: Request) {}

  private get state(): MonitoringState {
    return this.store.getState();
  }

  /** Begins to look at the list; returns what ends it. */
  look(): () => void {
    this.looking = true;
    void this.search(this.state.query);
    return () => {
      this.looking = false;
      this.close();
    };
  }

  /** Lists what may be watched, by participants' names. */
  async search(query: string): Promise<void> {
    this.store.setState({ query });
    await this.list("");
  }

  async older(): Promise<void> {
    const last = this.state.found.at(-1);
    if (last && this.state.more && !this.state.loading) await this.list(last.conversation.id);
  }

  private async list(afterId: ConversationID): Promise<void> {
    const round = ++this.round;
    this.store.setState({ loading: true });
    try {
      const page = await this.request("transcript.list", {
        text: this.state.query,
        afterId,
        limit: LIST_PAGE,
      });
      if (round !== this.round) return;
      const before = afterId ? this.state.found : [];
      const known = new Set(before.map((f) => f.conversation.id));
      const found = [...before, ...page.conversations.filter((f) => !known.has(f.conversation.id))];
      this.store.setState({ found, more: page.more, groups: page.groups, loading: false, failure: null });
    } catch (e) {
      if (!(e instanceof RequestError)) throw e;
      if (round === this.round) this.store.setState({ loading: false, failure: e.failure });
    }
  }

  /** Opens a conversation: follows it first, so that nothing falls between what is read and what is followed. */
  async open(info: TranscriptInfo): Promise<void> {
    const id = info.conversation.id;
    if (this.state.open?.id === id) return;
    this.close();
    this.change({ id, messages: [], more: false, live: "no", loading: true, failure: null });
    try {
      if (info.live) {
        await this.request("transcript.watch", { conversationId: id });
        this.alter(id, () => ({ live: "yes" }));
      }
      if (info.transcript) await this.page(id, 0);
      this.alter(id, () => ({ loading: false }));
    } catch (e) {
      this.failed(id, e);
    }
  }

  /** Loads what was written before. */
  async before(): Promise<void> {
    const open = this.state.open;
    const first = open?.messages[0];
    if (!open || !first || !open.more || open.loading) return;
    this.alter(open.id, () => ({ loading: true, failure: null }));
    try {
      await this.page(open.id, first.n);
      this.alter(open.id, () => ({ loading: false }));
    } catch (e) {
      this.failed(open.id, e);
    }
  }

  private async page(id: ConversationID, beforeN: number): Promise<void> {
    const page = await this.request("transcript.load", {
      conversationId: id,
      beforeN,
      limit: TRANSCRIPT_PAGE,
    });
    this.alter(id, (open) => ({
      messages: merged(open.messages, page.messages),
      more: beforeN === 0 && open.more ? open.more : page.more,
    }));
  }

  close(): void {
    const open = this.state.open;
    if (!open) return;
    this.change(null);
    if (open.live === "yes") this.request("transcript.unwatch", { conversationId: open.id }).catch(() => {});
  }

  /** The connection is new: what was followed is to be followed again, and what was missed read. */
  renewed(): void {
    if (!this.looking) return;
    void this.list("");
    const open = this.state.open;
    const info = open && this.state.found.find((f) => f.conversation.id === open.id);
    if (!info || open.live === "ended") return;
    this.change(null);
    void this.open(info);
  }

  /** Takes in a signal of the hub; false if it is about something else. */
  take(s: Signal): boolean {
    switch (s.type) {
      case "transcript":
        if (s.message) this.heard(s.message);
        return true;
      case "transcript.ended":
        this.alter(s.conversationId ?? "", () => ({ live: "ended" }));
        return true;
      case "monitoring":
        if (this.looking) void this.list("");
        return true;
    }
    return false;
  }

  private heard(m: Message): void {
    const open = this.state.open;
    if (open?.id !== m.conversationId) return;
    const last = open.messages.at(-1);
    this.alter(open.id, () => ({ messages: merged(open.messages, [m]) }));
    // A gap in the numbers: signals may be lost.
    const info = this.state.found.find((f) => f.conversation.id === open.id);
    if (last && m.n > last.n + 1 && info?.transcript)
      void this.page(open.id, 0).catch((e) => this.failed(open.id, e));
  }

  /** Forgets everything: somebody else may sign in next. */
  forget(): void {
    this.round++;
    this.store.setState(nothing);
  }

  private failed(id: ConversationID, e: unknown): void {
    if (!(e instanceof RequestError)) throw e;
    this.alter(id, () => ({ loading: false, failure: e.failure }));
  }

  private alter(id: ConversationID, change: (open: Transcript) => Partial<Transcript>): void {
    const open = this.state.open;
    if (open?.id === id) this.change({ ...open, ...change(open) });
  }

  private change(open: Transcript | null): void {
    this.store.setState({ open });
  }
}

/** Messages of both, each once, by their number. */
export function merged(a: readonly Message[], b: readonly Message[]): Message[] {
  const all = new Map<number, Message>();
  for (const m of [...a, ...b]) all.set(m.n, m);
  return [...all.values()].sort((x, y) => x.n - y.n);
}
