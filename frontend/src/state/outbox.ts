import { RequestError } from "../peer/peer";
import type {
  ConversationID,
  DocumentNode,
  Failure,
  FileID,
  MessageID,
  MessagePostAnswer,
  MessagePostArgs,
  OutboxFile,
  OutboxItem,
  UserID,
} from "../protocol";
import type { World } from "./world";

/** A message this page has not yet seen in the hands of the hub or the replica. */
export interface OwnItem extends OutboxItem {
  /** Whether the post was answered: then it is not sent again unless the connection was renewed. */
  answered?: boolean;
}

/** A file of a message: one that was sent, or with `from` one that a template has. */
export interface ChosenFile extends OutboxFile {
  from?: FileID;
}

/** What somebody wrote, before it is a message. */
export interface Content {
  text: string;
  document?: DocumentNode;
  files?: ChosenFile[];
  /** The message of the same conversation that is quoted. */
  replyToId?: MessageID;
  mentions?: UserID[];
}

export interface OutboxNeeds {
  post(args: MessagePostArgs): Promise<MessagePostAnswer>;
  /** Whether a hello has been answered, so that posts can go out. */
  ready(): boolean;
  /** Whether all of these files have arrived, so that their message can go; and why one never will, if so. */
  arrived(ids: readonly FileID[]): boolean;
  refusal(ids: readonly FileID[]): Failure | undefined;
  newId(): MessageID;
  now(): number;
  setTimer(run: () => void, ms: number): () => void;
  /** Told after every change, to keep and to show the items. */
  onChange(items: OwnItem[]): void;
}

const RETRY_MS = 5_000;

/**
 * The page's outbox:
 *
 *     waiting -> sending -> (seen in the timeline or in the replica's outbox: gone from here)
 *        ^          |  \--> refused (final, with the reason; stays until discarded)
 *        \----------/ connection lost, or busy: repeated with the same id
 *
 * One message per conversation is on its way at a time, so the order typed is the order posted. With a replica a
 * message passes through here in a moment and lies on the computer's disk from then on; in a browser it waits here.
 * A message whose files are on their way waits for them, and holds up none that were written after it.
 */
export class Outbox {
  private items: OwnItem[] = [];
  private onTheWay = new Set<ConversationID>();

  constructor(private readonly needs: OutboxNeeds) {}

  /** Takes up what a page before this one had kept. */
  restore(items: OwnItem[]): void {
    this.items = items.map((i) => (i.state === "sending" ? { ...i, state: "waiting" } : i));
    this.changed();
    this.pump();
  }

  clear(): void {
    this.items = [];
    this.changed();
  }

  add(conversationId: ConversationID, content: Content): MessageID {
    const { text, document, files, replyToId, mentions } = content;
    const sent = (files ?? []).filter((f) => !f.from).map((f) => f.id);
    const ofTemplates = (files ?? []).flatMap((f) => f.from ?? []);
    const message: MessagePostArgs = {
      id: this.needs.newId(),
      conversationId,
      text,
      ...(document && { document }),
      ...(sent.length ? { fileIds: sent } : {}),
      ...(ofTemplates.length ? { templateFileIds: ofTemplates } : {}),
      ...(replyToId && { replyToId }),
      ...(mentions && { mentions }),
    };
    const order = 1 + Math.max(0, ...this.items.map((i) => i.order));
    this.items = [...this.items, { message, order, at: this.needs.now(), state: "waiting", files }];
    this.changed();
    this.pump();
    return message.id;
  }

  discard(id: MessageID): void {
    this.items = this.items.filter((i) => i.message.id !== id);
    this.changed();
  }

  /** After a new hello: whatever is not settled goes out again, with the same ids. */
  renewed(): void {
    this.onTheWay.clear();
    this.items = this.items.map((i) =>
      i.state === "refused" ? i : { ...i, state: "waiting", answered: false },
    );
    this.changed();
    this.pump();
  }

  /** Looks again at what waits: files may have arrived. */
  look(): void {
    for (const item of this.items) {
      const error = item.state === "waiting" && this.needs.refusal(item.message.fileIds ?? []);
      if (error) this.change(item.message.id, { state: "refused", error });
    }
    this.pump();
  }

  /** Lets go of what the world shows by itself. */
  settle(world: World): void {
    const left = this.items.filter((i) => {
      if (world.outbox[i.message.id]) return false;
      const talk = world.talks[i.message.conversationId];
      return !talk?.messages.some((m) => m.id === i.message.id);
    });
    if (left.length !== this.items.length) {
      this.items = left;
      this.changed();
    }
  }

  private pump(): void {
    if (!this.needs.ready()) return;
    for (const item of this.items) {
      if (item.state !== "waiting" || this.onTheWay.has(item.message.conversationId)) continue;
      if (!this.needs.arrived(item.message.fileIds ?? [])) continue;
      this.onTheWay.add(item.message.conversationId);
      void this.send(item.message);
    }
  }

  private async send(message: MessagePostArgs): Promise<void> {
    this.change(message.id, { state: "sending" });
    try {
      await this.needs.post(message);
      this.change(message.id, { answered: true });
    } catch (e) {
      if (!(e instanceof RequestError)) throw e;
      const { code, retryAfterMs } = e.failure;
      if (code === "denied" || code === "unknown" || code === "invalid" || code === "conflict") {
        this.change(message.id, { state: "refused", error: e.failure });
      } else {
        this.change(message.id, { state: "waiting" });
        // Without a connection the next hello sends it; busy and internal ask for patience.
        if (code === "busy" || code === "internal") {
          this.needs.setTimer(() => this.release(message.conversationId), retryAfterMs || RETRY_MS);
          return;
        }
      }
    }
    this.release(message.conversationId);
  }

  private release(conversationId: ConversationID): void {
    this.onTheWay.delete(conversationId);
    this.pump();
  }

  private change(id: MessageID, part: Partial<OwnItem>): void {
    this.items = this.items.map((i) => (i.message.id === id ? { ...i, ...part } : i));
    this.changed();
  }

  private changed(): void {
    this.needs.onChange(this.items);
  }
}
