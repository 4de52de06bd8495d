import type { ConversationID, Draft, DraftSetArgs } from "../protocol";
import type { Content } from "./outbox";

export interface DraftNeeds {
  /** Keeps a draft with the hub or the replica; rejects while there is no connection. */
  set(args: DraftSetArgs): Promise<unknown>;
  now(): number;
  setTimer(run: () => void, ms: number): () => void;
  onChange(drafts: Readonly<Record<ConversationID, Draft>>): void;
}

const QUIET_MS = 700;

/**
 * Keeps what is being typed: at once for this page, and after a moment of quiet for the user's other devices. An
 * entry stays here until it was kept elsewhere, so a draft outlives a lost connection.
 */
export class Drafts {
  private drafts: Record<ConversationID, Draft> = {};
  private flushing = new Set<ConversationID>();
  private timers = new Map<ConversationID, () => void>();

  constructor(private readonly needs: DraftNeeds) {}

  restore(drafts: Record<ConversationID, Draft>): void {
    this.drafts = drafts;
    this.needs.onChange(this.drafts);
  }

  set(conversationId: ConversationID, content: Content): void {
    this.drafts = { ...this.drafts, [conversationId]: { conversationId, ...content, at: this.needs.now() } };
    this.needs.onChange(this.drafts);
    this.timers.get(conversationId)?.();
    const cancel = this.needs.setTimer(() => void this.flush(conversationId), QUIET_MS);
    this.timers.set(conversationId, cancel);
  }

  /**
   * Forgets a draft, because it was sent. Only one that was already kept elsewhere has to be taken back there.
   */
  drop(conversationId: ConversationID, keptElsewhere: boolean): void {
    if (keptElsewhere || this.flushing.has(conversationId)) {
      this.set(conversationId, { text: "" });
      return;
    }
    this.timers.get(conversationId)?.();
    this.timers.delete(conversationId);
    const { [conversationId]: _, ...rest } = this.drafts;
    this.drafts = rest;
    this.needs.onChange(this.drafts);
  }

  /**
   * Keeps everything that is not kept yet: after a new hello, and before the page goes away or somebody signs out.
   * Settles when all are kept or could not be.
   */
  async flushAll(): Promise<void> {
    await Promise.all(Object.keys(this.drafts).map((id) => this.flush(id)));
  }

  private async flush(id: ConversationID): Promise<void> {
    this.timers.get(id)?.();
    this.timers.delete(id);
    const draft = this.drafts[id];
    if (!draft) return;
    this.flushing.add(id);
    try {
      await this.needs.set({ conversationId: id, text: draft.text, document: draft.document });
    } catch {
      // Kept here; the next hello tries again.
      return;
    } finally {
      this.flushing.delete(id);
    }
    // Typed on meanwhile: the newer one has its own timer.
    if (this.drafts[id] !== draft) return;
    const { [id]: _, ...rest } = this.drafts;
    this.drafts = rest;
    this.needs.onChange(this.drafts);
  }
}
