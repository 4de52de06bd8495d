import type { StoreApi } from "zustand/vanilla";
import { type Request, RequestError } from "../peer/peer";
import type { ConversationID, Failure, Message } from "../protocol";
import type { AppState } from "./appState";
import { mentionsIn } from "./mentions";
import type { Content } from "./outbox";

// What one does with messages that were posted: edit and delete one's own, quote any, react to any. All but quoting needs a
// connection: it is decided by the hub alone, and nothing is shown as changed before it is.

/** Whether two emoji differ in nothing but the sign that asks for a picture, as the hub compares them. */
const sameEmoji = (a: string, b: string) => a.replaceAll("\uFE0F", "") === b.replaceAll("\uFE0F", "");

export class Amend {
  constructor(
    private readonly store: StoreApi<AppState>,
    private readonly request: Request,
  ) {}

  /** Takes a message into the composer, to be edited there. */
  begin(message: Message): void {
    this.store.setState({ editing: message });
  }

  /** Takes the newest of one's own messages that is there; false if there is none. */
  beginLast(id: ConversationID): boolean {
    const { world } = this.store.getState();
    const last = world.talks[id]?.messages.findLast((m) => m.authorId === world.me?.user.id && !m.deletedAt);
    if (last) this.begin(last);
    return last !== undefined;
  }

  /** Lets go of the message that is edited; it stays as it is. */
  cancel(): void {
    this.store.setState({ editing: null });
  }

  /** Quotes a message in the next one of its conversation. */
  quote(message: Message): void {
    this.store.setState((s) => ({
      editing: null,
      quoting: { ...s.quoting, [message.conversationId]: message },
    }));
  }

  /** Lets go of what was to be quoted, and returns it. */
  unquote(id: ConversationID): Message | undefined {
    const { [id]: quoted, ...quoting } = this.store.getState().quoting;
    if (quoted) this.store.setState({ quoting });
    return quoted;
  }

  /** Puts one's reaction under a message, or takes it away if it is there. Returns why it could not be done, null if it was. */
  react({ conversationId, id, reactions }: Message, emoji: string): Promise<Failure | null> {
    const me = this.store.getState().world.me?.user.id ?? "";
    const on = !reactions?.some((r) => sameEmoji(r.emoji, emoji) && r.userIds.includes(me));
    return this.ask(this.request("message.react", { conversationId, id, emoji, on }));
  }

  /** Replaces the content of the message that is edited. Returns why it could not be done, null if it was. */
  async save(content: Content): Promise<Failure | null> {
    const { editing, world } = this.store.getState();
    if (!editing) return null;
    const mentions = mentionsIn(world, editing.conversationId, content.text);
    const failure = await this.ask(
      this.request("message.edit", {
        conversationId: editing.conversationId,
        id: editing.id,
        revision: editing.revision ?? 0,
        ...(content.document ? { document: content.document } : { text: content.text }),
        ...(mentions && { mentions }),
      }),
    );
    if (!failure && this.store.getState().editing === editing) this.cancel();
    return failure;
  }

  /** Takes back what one said. Returns why it could not be done, null if it was. */
  remove({ conversationId, id }: Message): Promise<Failure | null> {
    return this.ask(this.request("message.delete", { conversationId, id }));
  }

  private async ask(request: Promise<unknown>): Promise<Failure | null> {
    try {
      await request;
      return null;
    } catch (e) {
      if (!(e instanceof RequestError)) throw e;
      return e.failure;
    }
  }
}
