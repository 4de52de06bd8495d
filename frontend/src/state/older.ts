import type { StoreApi } from "zustand/vanilla";
import { type Request, RequestError } from "../peer/peer";
import type { ConversationID } from "../protocol";
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
  load(id: ConversationID, limit = PAGE): Promise<void> {
    const running = this.running.get(id);
    if (running) return running;
    const talk = this.store.getState().world.talks[id];
    if (!talk?.more) return Promise.resolve();
    const page = this.page(id, talk.messages[0]?.n ?? 0, limit);
    this.running.set(id, page);
    return page;
  }

  /** Loads until a message is there, as long as it is wanted. */
  async loadThrough(id: ConversationID, n: number, wanted: () => boolean): Promise<void> {
    for (let first = this.firstN(id); wanted() && first > n; ) {
      await this.load(id, Math.min(FAR_PAGE, Math.max(PAGE, first - n + AROUND)));
      if (this.firstN(id) === first) return; // there are no more, or they could not be loaded
      first = this.firstN(id);
    }
  }

  private firstN(id: ConversationID): number {
    return this.store.getState().world.talks[id]?.messages[0]?.n ?? Number.POSITIVE_INFINITY;
  }

  private async page(id: ConversationID, beforeN: number, limit: number): Promise<void> {
    this.store.setState((s) => ({ loading: { ...s.loading, [id]: true } }));
    try {
      const page = await this.request("history.load", { conversationId: id, beforeN, limit });
      // First: whoever is told of the new state may ask for the next page at once.
      this.running.delete(id);
      this.store.setState((s) => {
        const { [id]: _, ...loading } = s.loading;
        return { world: changeTalk(s.world, id, (t) => prepend(t, page.messages, page.more)), loading };
      });
    } catch (e) {
      this.running.delete(id);
      if (!(e instanceof RequestError)) throw e;
      this.store.setState((s) => ({ loading: { ...s.loading, [id]: e.failure } }));
    }
  }
}
