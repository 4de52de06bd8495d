import i18next from "i18next";
import type { StoreApi } from "zustand/vanilla";
import { type Request, RequestError } from "../peer/peer";
import { newUUID } from "../peer/uuid";
import type { Attachment, ConversationID, Draft, MessageID, OutboxItem } from "../protocol";
import { MAX_ATTACHMENTS } from "../protocol";
import type { Shell } from "../shell/shell";
import type { Amend } from "./amend";
import type { AppState } from "./appState";
import { plainText } from "./document";
import { Drafts } from "./drafts";
import { Files } from "./files";
import type { KeptThing } from "./kept";
import { mentionsIn } from "./mentions";
import { type Content, Outbox, type OwnItem } from "./outbox";
import { draftOf, unsentOf } from "./select";
import { filesOfTemplates } from "./templates";

const TYPING_EVERY_MS = 4_000;
/** How long signing out waits for drafts to be kept. */
const FLUSH_MS = 1_000;

/** What writing needs of the page around it. */
export interface WritingNeeds {
  store: StoreApi<AppState>;
  shell: Shell;
  request: Request;
  amend: Amend;
  setTimer(run: () => void, ms: number): () => void;
  /** Keeps something for this person on this computer. */
  keep(what: KeptThing, value: unknown): void;
  /** Shows what could not be done. */
  fail(e: unknown): void;
}

/**
 * What somebody writes, from the first letter until the hub or the replica has it: drafts, files and messages on their way, and that
 * one is typing.
 */
export class Writing {
  readonly files: Files;
  private readonly outbox: Outbox;
  private readonly drafts: Drafts;
  private readonly coming = new Map<ConversationID, number>();
  private typingSent: { id: ConversationID; at: number } | null = null;

  constructor(private readonly needs: WritingNeeds) {
    const { store, shell, request, setTimer, keep } = needs;
    this.files = new Files({
      send: (file, id, conversationId, told) => shell.sendFile(file, id, conversationId, told),
      keepAlive: (id) => shell.keepFile(id),
      newId: newUUID,
      now: Date.now,
      setTimer,
      onChange: (files) => store.setState({ files }),
      onArrived: () => this.outbox.look(),
    });
    this.outbox = new Outbox({
      post: (args) => request("message.post", args),
      arrived: (ids) => this.files.arrived(ids),
      refusal: (ids) => this.files.refusal(ids),
      ready: () => this.state.peer.kind === "online" && this.state.world.me !== null,
      newId: newUUID,
      now: Date.now,
      setTimer,
      onChange: (own) => {
        store.setState({ own });
        const waiting = new Set(own.flatMap((i) => i.message.fileIds ?? []));
        this.files.drop(this.state.files.filter((f) => f.named && !waiting.has(f.id)).map((f) => f.id));
        keep("outbox", own);
      },
    });
    this.drafts = new Drafts({
      set: (args) => request("draft.set", args),
      now: Date.now,
      setTimer,
      onChange: (drafts) => {
        store.setState({ drafts });
        keep("drafts", drafts);
      },
    });
  }

  private get state(): AppState {
    return this.needs.store.getState();
  }

  // --- what people do ---

  post(id: ConversationID, content: Content): MessageID {
    this.typingSent = null;
    this.drafts.drop(id, this.state.world.talks[id]?.draft !== undefined);
    const files = this.files.name(id);
    return this.outbox.add(id, {
      ...content,
      ...(files.length > 0 && { files }),
      replyToId: this.needs.amend.unquote(id)?.id,
      mentions: mentionsIn(this.state.world, id, content.text),
    });
  }

  /** Takes files to go with the next message; the notice tells of those there is no room for. */
  attach(id: ConversationID, files: readonly File[]): void {
    this.leftOut(this.files.add(id, files));
  }

  /** The same, of files that are still being handed over. */
  async attachSoon(id: ConversationID, files: Promise<File[]>): Promise<void> {
    this.coming.set(id, (this.coming.get(id) ?? 0) + 1);
    try {
      const handed = await files;
      if (handed.length === 0) throw new Error("folders alone, or files that were not handed over");
      this.attach(id, handed);
    } catch {
      this.needs.fail(new RequestError({ code: "internal", text: i18next.t("files.notBrought") }));
    } finally {
      this.coming.set(id, (this.coming.get(id) ?? 1) - 1);
    }
  }

  /** Whether files are still being handed over that are to go with the next message. */
  expectsFiles(id: ConversationID): boolean {
    return (this.coming.get(id) ?? 0) > 0;
  }

  /** Takes the files of a template to go with the next message. */
  attachOfTemplate(id: ConversationID, files: readonly Attachment[]): void {
    this.leftOut(this.files.addOfTemplate(id, files));
  }

  private leftOut(count: number): void {
    const text = i18next.t("files.leftOut", { count, most: MAX_ATTACHMENTS });
    if (count > 0) this.needs.fail(new RequestError({ code: "invalid", text }));
  }

  /** Lets go of a refused message. */
  discard(id: MessageID): void {
    for (const file of this.state.own.find((i) => i.message.id === id)?.files ?? [])
      this.files.cancel(file.id);
    this.letGo(id);
  }

  /** Takes a refused message back into the composer, after what is already there. */
  writeAgain(item: OutboxItem): void {
    const { id, conversationId, document, fileIds = [], templateFileIds = [] } = item.message;
    const text = item.message.text || (document ? plainText(document) : "");
    const draft = draftOf(this.state.world, this.state.drafts, conversationId);
    this.setDraft(
      conversationId,
      draft && text ? { text: `${draft.text}\n${text}` } : { text: text || (draft?.text ?? ""), document },
    );
    this.files.takeBack(
      conversationId,
      (item.files ?? []).filter((f) => fileIds.includes(f.id)),
    );
    this.files.addOfTemplate(conversationId, filesOfTemplates(this.state.world, templateFileIds));
    this.letGo(id);
    this.needs.store.setState({ composerRound: this.state.composerRound + 1 });
  }

  private letGo(id: MessageID): void {
    this.outbox.discard(id);
    if (this.state.world.outbox[id])
      this.needs.request("outbox.discard", { id }).catch((e) => this.needs.fail(e));
  }

  setDraft(id: ConversationID, content: Content): void {
    this.drafts.set(id, content);
  }

  /** Tells the other side that one is typing, at most every few seconds; false when one has stopped. */
  typing(id: ConversationID, typing: boolean): void {
    const now = Date.now();
    const last = this.typingSent;
    if (typing ? last?.id === id && now - last.at < TYPING_EVERY_MS : last?.id !== id) return;
    this.typingSent = typing ? { id, at: now } : null;
    this.needs.request("typing.set", { conversationId: id, typing }).catch(() => {});
  }

  // --- what the page tells ---

  /** Takes up what this person left on this computer. */
  restore(drafts: Record<ConversationID, Draft>, own: OwnItem[]): void {
    this.drafts.restore(drafts);
    this.outbox.restore(own);
  }

  /** The world has changed: what is in it has arrived. */
  settle(): void {
    this.outbox.settle(this.state.world);
  }

  /** There was a hello: what is on its way is sent again. */
  renewed(): void {
    this.settle();
    this.outbox.renewed();
    this.files.renewed();
    void this.drafts.flushAll();
  }

  /** The page is going away. Tells whether something would be lost with it. */
  leaving(): boolean {
    void this.drafts.flushAll();
    // With a replica every message lies on the disk already.
    const unsent = !this.needs.shell.replica && this.state.own.some((i) => i.state !== "refused");
    return unsent || this.files.unfinished();
  }

  /** Keeps elsewhere what can be, and tells whether signing out would lose something. */
  async unsent(): Promise<boolean> {
    // A line that hangs must not hold anybody here.
    const late = new Promise<void>((done) => this.needs.setTimer(done, FLUSH_MS));
    await Promise.race([this.drafts.flushAll(), late]);
    const { world, own, drafts, net } = this.state;
    const unsent = unsentOf(world, own, drafts, this.needs.shell.replica, net);
    return unsent.messages + unsent.drafts > 0;
  }

  /** Nothing of it stays in the page. */
  clear(): void {
    this.outbox.clear();
    this.files.clear();
    this.drafts.restore({});
  }
}
