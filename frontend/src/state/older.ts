import type { StoreApi } from "zustand/vanilla";
import { type Request, RequestError } from "../peer/peer";
import type { ConversationID, Failure, Message } from "../protocol";
import { changeTalk, prepend } from "./apply";
import type { AppState } from "./appState";

// Older messages of one's own conversations, page by page before those that are there.

const PAGE = 60;
/** Where one goes far back, as many come at once, and some before the message one goes to. */
const FAR_PAGE = 200;
const AROUND = 20;

export class Older {
  /** The pages that are on their way. */
  private readonly running = new Map<ConversationID, Promise<void>>();

  constructor(
    private readonly store: StoreApi<AppState>,
    private readonly request: Request,
  ) {}

  /** Loads the messages before those that are there; why it could not be done stands in `loading`. */
  load(id: ConversationID): Promise<void> {
    return (
      this.running.get(id) ??
      this.run(
        id,
        () => false,
        () => PAGE,
      )
    );
  }

  /** Loads until a message is there, as long as it is wanted. */
  async loadThrough(id: ConversationID, n: number, wanted: () => boolean): Promise<void> {
    await this.running.get(id);
    if (!wanted() || this.firstN(id) <= n) return;
    await this.run(
      id,
      (first) => first > n && wanted(),
      (first) => Math.min(FAR_PAGE, Math.max(PAGE, first - n + AROUND)),
    );
  }

  /** Goes to the first message from a moment on; answers why it could not, "nothing" where all are older. */
  async goTo(conversationId: ConversationID, at: number): Promise<Failure | "nothing" | null> {
    try {
      const n = await this.numberAt(conversationId, at);
      if (n === null) return "nothing";
      const wanted = { conversationId, id: "", n };
      this.store.setState({ wanted });
      await this.loadThrough(conversationId, n, () => this.store.getState().wanted === wanted);
      if (this.store.getState().wanted !== wanted) return null;
      const id = this.messageAt(conversationId, n)?.id;
      this.store.setState({ wanted: id ? { ...wanted, id } : null });
      const why = this.store.getState().loading[conversationId];
      return id || why === true ? null : (why ?? null);
    } catch (e) {
      if (e instanceof RequestError) return e.failure;
      throw e;
    }
  }

  /** Numbers grow with time, so some messages out of the middle tell, each time of what is left. Null if all are older. */
  private async numberAt(conversationId: ConversationID, at: number): Promise<number | null> {
    const reaches = async (n: number) => {
      const message =
        this.messageAt(conversationId, n) ??
        (await this.request("history.load", { conversationId, beforeN: n + 1, limit: 1 })).messages.at(-1);
      return message !== undefined && message.at >= at;
    };
    let low = 1;
    let high = this.store.getState().world.talks[conversationId]?.lastN ?? 0;
    if (high === 0 || !(await reaches(high))) return null;
    while (low < high) {
      const n = Math.floor((low + high) / 2);
      if (await reaches(n)) high = n;
      else low = n + 1;
    }
    return low;
  }

  private messageAt(id: ConversationID, n: number): Message | undefined {
    const messages = this.store.getState().world.talks[id]?.messages ?? [];
    return messages[n - (messages[0]?.n ?? 0)];
  }

  private firstN(id: ConversationID): number {
    return this.store.getState().world.talks[id]?.messages[0]?.n ?? Number.POSITIVE_INFINITY;
  }

  /** Loads pages of a size, as long as there are older ones and the last one should not do; they come in together. */
  private run(
    id: ConversationID,
    goesOn: (first: number) => boolean,
    size: (first: number) => number,
  ): Promise<void> {
    if (!this.store.getState().world.talks[id]?.more) return Promise.resolve();
    const run = this.pages(id, goesOn, size);
    this.running.set(id, run);
    return run;
  }

  private async pages(
    id: ConversationID,
    goesOn: (first: number) => boolean,
    size: (first: number) => number,
  ): Promise<void> {
    this.store.setState((s) => ({ loading: { ...s.loading, [id]: true } }));
    const pages: Message[][] = [];
    let first = this.store.getState().world.talks[id]?.messages[0]?.n ?? 0;
    let more = true;
    let failure: Failure | undefined;
    try {
      do {
        const page = await this.request("history.load", {
          conversationId: id,
          beforeN: first,
          limit: size(first),
        });
        pages.unshift(page.messages);
        more = page.more;
        first = page.messages[0]?.n ?? 0;
      } while (more && first > 0 && goesOn(first));
    } catch (e) {
      if (!(e instanceof RequestError)) throw e;
      failure = e.failure; // what came before stays
    } finally {
      // First: whoever is told of the new state may ask for the next page at once.
      this.running.delete(id);
    }
    this.store.setState((s) => {
      const { [id]: _, ...loading } = s.loading;
      return {
        world: changeTalk(s.world, id, (t) => prepend(t, pages.flat(), more)),
        loading: failure ? { ...loading, [id]: failure } : loading,
      };
    });
  }
}
