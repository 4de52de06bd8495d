import i18next from "i18next";
import { createStore, type StoreApi } from "zustand/vanilla";
import { Peer, type PeerState, RequestError, type Socket } from "../peer/peer";
import { newUUID } from "../peer/uuid";
import type {
  CommandArgs,
  CommandName,
  CommandOk,
  ConversationID,
  Draft,
  Failure,
  FileID,
  Frame,
  Message,
  MessageID,
  OutboxItem,
  RightsRequest,
  Signal,
  UserID,
} from "../protocol";
import { MAX_ATTACHMENTS } from "../protocol";
import { type Shell, thisDevice } from "../shell/shell";
import { hasCookieSession, signInByCookie, signOutByCookie } from "./account";
import { Administration } from "./administration";
import { Alerting } from "./alerting";
import { Amend } from "./amend";
import { apply, keepRequests, lapseTyping } from "./apply";
import { type AppState, type Dialog, firstState } from "./appState";
import { newMessages } from "./attention";
import { auditedAfter } from "./audited";
import { plainText } from "./document";
import { Drafts } from "./drafts";
import { filesLine } from "./fileKind";
import { Files } from "./files";
import { Finding } from "./finding";
import { type KeptThing, keep, kept } from "./kept";
import { Looking } from "./looking";
import { mentionsIn } from "./mentions";
import { Monitoring } from "./monitoring";
import {
  calm,
  calmAll,
  conversationOf,
  dropLost,
  flash,
  go,
  noPlaces,
  type Places,
  type View,
} from "./navigation";
import { Older } from "./older";
import { Oneself } from "./oneself";
import { type Content, Outbox, type OwnItem } from "./outbox";
import { type Preferences, savePreferences } from "./preferences";
import { draftOf, netAfter, unreadOf, unsentOf } from "./select";
import { Watchfulness } from "./watchfulness";
import { emptyWorld, type World } from "./world";

const TYPING_EVERY_MS = 4_000;
const NOTICE_MS = 8_000;
/** How long signing out waits for drafts to be kept. */
const FLUSH_MS = 1_000;

const timer = (run: () => void, ms: number) => {
  const id = setTimeout(run, ms);
  return () => clearTimeout(id);
};

/**
 * The page's one controller: it owns the peer, puts what arrives into the store, and carries out what people do.
 * Views read `store` and call these methods; they hold nothing that must survive them.
 */
export class App {
  readonly store: StoreApi<AppState>;
  /** What the pages of the administration know. */
  readonly administration: Administration;
  /** What a supervisor watches. */
  readonly monitoring: Monitoring;
  readonly finding: Finding;
  readonly older: Older;
  readonly files: Files;
  readonly oneself: Oneself;
  private readonly alerting: Alerting;
  private readonly watchfulness: Watchfulness;
  readonly amend: Amend;
  private readonly peer: Peer;
  private readonly outbox: Outbox;
  private readonly drafts: Drafts;
  private typingSent: { id: ConversationID; at: number } | null = null;
  private readonly looking: Looking;
  private cancelNotice: () => void = () => {};

  constructor(
    readonly shell: Shell,
    dial: (url: string, protocols: string[]) => Socket = (url, protocols) => new WebSocket(url, protocols),
  ) {
    this.store = createStore<AppState>(firstState);
    this.peer = new Peer({
      endpoint: () => shell.endpoint(),
      dial,
      device: thisDevice(shell),
      cursor: () => this.state.world.cursor,
      onFrame: (frame) => this.take(frame),
      forget: () => this.set({ world: { ...this.state.world, cursor: "" } }),
      onState: (peer) => this.peerChanged(peer),
      replica: shell.replica,
      hasSession: () => this.hasSession(),
      now: Date.now,
      random: Math.random,
      setTimer: timer,
    });
    const request = this.ask.bind(this);
    this.administration = new Administration(request);
    this.monitoring = new Monitoring(request);
    this.finding = new Finding(request);
    this.older = new Older(this.store, request);
    this.oneself = new Oneself(request, (e) => this.fail(e));
    this.alerting = new Alerting({
      decides: !shell.replica,
      preferences: () => this.state.preferences,
      focused: () => this.looking.focused,
      several: ({ messages, conversations }) => i18next.t("attention.several", { messages, conversations }),
      reveal: (id) => this.reveal(id),
      setTimer: timer,
      now: Date.now,
    });
    this.looking = new Looking({
      store: this.store,
      shell,
      request: (command, args) => this.peer.request(command, args),
      look: (id) => this.alerting.look(id),
    });
    this.watchfulness = new Watchfulness((idle, forMs) => {
      this.peer.request("idle.set", { idle, forMs }).catch(() => {});
    });
    this.files = new Files({
      send: (file, id, conversationId, told) => shell.sendFile(file, id, conversationId, told),
      keepAlive: (id) => shell.keepFile(id),
      newId: newUUID,
      now: Date.now,
      setTimer: timer,
      onChange: (files) => this.set({ files }),
      onArrived: () => this.outbox.look(),
    });
    this.amend = new Amend(this.store, (command, args) => this.peer.request(command, args));
    this.outbox = new Outbox({
      post: (args) => this.peer.request("message.post", args),
      arrived: (ids) => this.files.arrived(ids),
      refusal: (ids) => this.files.refusal(ids),
      ready: () => this.state.peer.kind === "online" && this.state.world.me !== null,
      newId: newUUID,
      now: Date.now,
      setTimer: timer,
      onChange: (own) => {
        this.set({ own });
        const waiting = new Set(own.flatMap((i) => i.message.fileIds ?? []));
        this.files.drop(this.state.files.filter((f) => f.named && !waiting.has(f.id)).map((f) => f.id));
        this.keep("outbox", own);
      },
    });
    this.drafts = new Drafts({
      set: (args) => this.peer.request("draft.set", args),
      now: Date.now,
      setTimer: timer,
      onChange: (drafts) => {
        this.set({ drafts });
        this.keep("drafts", drafts);
      },
    });
  }

  get state(): AppState {
    return this.store.getState();
  }

  /** Connects and begins to watch the window. Returns what undoes it. */
  start(): () => void {
    const focus = () => this.focusChanged(true);
    const blur = () => this.focusChanged(false);
    const online = () => this.retry();
    const pop = (e: PopStateEvent) => this.setPlaces(go(this.state.places, viewOf(e.state)));
    const unload = (e: BeforeUnloadEvent) => {
      void this.drafts.flushAll();
      // With a replica everything lies on the disk already.
      if (!this.shell.replica && this.state.own.some((i) => i.state !== "refused")) e.preventDefault();
      if (this.files.unfinished()) e.preventDefault();
      if (Object.keys(this.administration.store.getState().forms).length > 0) e.preventDefault();
    };
    window.addEventListener("focus", focus);
    window.addEventListener("blur", blur);
    window.addEventListener("online", online);
    window.addEventListener("popstate", pop);
    window.addEventListener("beforeunload", unload);
    const lapse = setInterval(() => this.set({ world: lapseTyping(this.state.world, Date.now()) }), 1000);
    const unwatch = this.watchfulness.start();
    void this.hasSession().then((yes) => {
      if (yes) this.peer.start();
      else this.set({ peer: { kind: "signedOut" } });
    });
    return () => {
      window.removeEventListener("focus", focus);
      window.removeEventListener("blur", blur);
      window.removeEventListener("online", online);
      window.removeEventListener("popstate", pop);
      window.removeEventListener("beforeunload", unload);
      clearInterval(lapse);
      unwatch();
      this.peer.stop();
    };
  }

  // --- connection ---

  /** Tries to connect now instead of waiting. */
  retry(): void {
    this.peer.retryNow();
    if (this.state.world.link) this.peer.request("replica.retry", {}).catch(() => {});
  }

  /**
   * Signs in. `server` is used by the desktop only; in a browser the server is where the page came from.
   * @throws RequestError saying why not.
   */
  async signIn(name: string, password: string, server: string): Promise<void> {
    if (this.shell.replica) {
      await this.peer.request("replica.signIn", { server, name, password });
      await this.peer.helloAgain();
      return;
    }
    await signInByCookie(name, password, thisDevice(this.shell));
    this.peer.start();
  }

  /** Signs out, or asks first if something unsent would be lost with it. */
  async askSignOut(): Promise<void> {
    // What can still be kept elsewhere is; a line that hangs must not hold anybody here.
    await Promise.race([this.drafts.flushAll(), new Promise<void>((done) => timer(done, FLUSH_MS))]);
    const { world, own, drafts, net } = this.state;
    const unsent = unsentOf(world, own, drafts, this.shell.replica, net);
    if (unsent.messages + unsent.drafts > 0) this.show("signOut");
    else await this.signOut();
  }

  /** Signs out, here only; nothing of the conversations stays in the page, what was not sent included. */
  async signOut(): Promise<void> {
    try {
      if (this.shell.replica) await this.peer.request("replica.signOut", {});
      else await signOutByCookie();
    } catch (e) {
      this.fail(e);
      return;
    }
    this.outbox.clear();
    this.files.clear();
    this.drafts.restore({});
    this.forgetAll();
    if (this.shell.replica) {
      this.peer.start();
    } else {
      this.peer.stop();
      this.set({ peer: { kind: "signedOut" } });
    }
  }

  /** Only the server's own page can be told so over HTTP; a replica says it in its answer to hello. */
  private async hasSession(): Promise<boolean> {
    return this.shell.replica || hasCookieSession();
  }

  private peerChanged(peer: PeerState): void {
    // The hub tells anew who follows what after each hello.
    this.set(peer.kind === "online" ? { peer } : { peer, watched: {} });
    if (peer.kind === "signedOut") this.forgetAll();
    // Every connection begins as one in use, and foremost.
    if (peer.kind === "online") {
      this.alerting.setForemost(true);
      this.watchfulness.renewed();
    }
    if (peer.kind === "online" && this.state.world.me) this.renewed();
  }

  private forgetAll(): void {
    this.administration.forget();
    this.monitoring.forget();
    this.finding.clear();
    this.alerting.forget();
    this.set({
      world: emptyWorld,
      places: noPlaces,
      fresh: {},
      wanted: null,
      editing: null,
      quoting: {},
      about: null,
      loading: {},
      dialog: null,
      announcement: "",
      decided: null,
    });
    this.looking.badge();
  }

  /** After a hello, as soon as there is a world to compare with. */
  private renewed(): void {
    this.outbox.settle(this.state.world);
    this.outbox.renewed();
    this.files.renewed();
    this.administration.refresh();
    this.monitoring.renewed();
    this.looking.tellAnew();
    void this.drafts.flushAll();
  }

  private take(frame: Frame): void {
    const before = this.state.world;
    const world = apply(before, frame, Date.now());
    const audited = auditedAfter(this.state.audited, frame);
    if (audited !== this.state.audited) this.administration.refresh();
    this.set({ world, audited });
    if (frame.reset) {
      if (before.me?.user.id !== world.me?.user.id) this.begin();
      this.renewed();
    }
    if (frame.rights?.conversationsLost?.length) {
      this.setPlaces(dropLost(this.state.places, frame.rights.conversationsLost));
    }
    this.administration.tell((frame.events ?? []).flatMap((e) => e.audit ?? []));
    this.outbox.settle(world);
    this.attend(before, frame);
    for (const signal of frame.signals ?? []) this.heed(signal);
    for (const event of frame.events ?? []) if (event.request) this.set({ decided: event.request });
    this.looking.badge();
  }

  /** Takes up where this person was on this computer. */
  private begin(): void {
    const places = this.kept<Pick<Places, "tabs" | "view">>("places");
    const known = (id: ConversationID) => this.state.world.talks[id] !== undefined;
    if (places) {
      const id = conversationOf(places.view);
      const view: View = id && !known(id) ? { page: "conversations" } : places.view;
      this.set({ places: { ...noPlaces, tabs: places.tabs.filter(known) } });
      if (window.innerWidth >= 720) this.open(view);
    }
    this.drafts.restore(this.kept<Record<string, Draft>>("drafts") ?? {});
    this.outbox.restore(this.kept<OwnItem[]>("outbox") ?? []);
  }

  // --- attention ---

  private attend(before: World, frame: Frame): void {
    const { world } = this.state;
    const quiet = this.alerting.quiet(world);
    let places = calmAll(this.state.places, (id) => unreadOf(world.talks[id]) > 0);
    for (const m of newMessages(before, world, frame)) {
      const name = world.people[m.authorId]?.displayName ?? "";
      const said = m.text || filesLine(m.attachments);
      if (this.looking.at(m.conversationId)) {
        this.set({ announcement: `${name}: ${said}` });
        continue;
      }
      this.noteFresh(m);
      this.alerting.posted(world, m);
      if (quiet || world.talks[m.conversationId]?.muted) continue;
      places = flash(places, m.conversationId);
      this.set({ announcement: `${name}: ${said}` });
    }
    this.setPlaces(places);
    this.alerting.follow(world);
    this.looking.markRead();
  }

  /** What comes into the shown conversation while nobody looks is new to whoever returns. */
  private noteFresh(m: Message): void {
    const id = m.conversationId;
    if (id !== conversationOf(this.state.places.view)) return;
    const from = this.state.fresh[id]?.to === m.n - 1 ? (this.state.fresh[id]?.from ?? m.n) : m.n;
    this.set({ fresh: { ...this.state.fresh, [id]: { from, to: m.n } } });
  }

  private heed(signal: Signal): void {
    if (this.monitoring.take(signal)) return;
    if (signal.type === "watched" && signal.conversationId) {
      this.set({ watched: { ...this.state.watched, [signal.conversationId]: signal.watchers ?? [] } });
      return;
    }
    if (signal.type === "foremost") this.alerting.setForemost(signal.foremost ?? false);
    if (signal.type !== "alert" || !signal.alert) return;
    if (signal.alert.sound) this.alerting.sound();
    if (signal.alert.open) this.reveal(signal.alert.conversationId);
  }

  private reveal(id?: ConversationID): void {
    this.shell.focus();
    if (id) this.openConversation(id);
    else this.open({ page: "conversations" });
  }

  private focusChanged(focused: boolean): void {
    this.looking.focused = focused;
    this.looking.tell();
    const id = conversationOf(this.state.places.view);
    if (!focused || !id) return;
    this.setPlaces(calm(this.state.places, id));
    this.looking.markRead();
  }

  /** The timeline tells whether its end is in sight. */
  setAtEnd(atEnd: boolean): void {
    this.looking.setAtEnd(atEnd);
    this.looking.markRead();
  }

  // --- going somewhere ---

  open(view: View): void {
    const id = conversationOf(view);
    const talk = id ? this.state.world.talks[id] : undefined;
    if (id && id !== conversationOf(this.state.places.view)) {
      this.looking.setAtEnd(true);
      const { [id]: _, ...others } = this.state.fresh;
      const unread = talk && unreadOf(talk) > 0;
      this.set({ fresh: unread ? { ...others, [id]: { from: talk.readN + 1, to: talk.lastN } } : others });
    }
    this.setPlaces(go(this.state.places, view));
    this.looking.markRead();
  }

  openConversation(id: ConversationID): void {
    this.open({ page: "conversations", conversationId: id });
  }

  /** Opens a conversation at a message; older ones are loaded until it is there. */
  async openMessage({ conversationId, id, n }: Pick<Message, "conversationId" | "id" | "n">): Promise<void> {
    const wanted = { conversationId, id, n };
    this.openConversation(conversationId);
    this.set({ wanted });
    await this.older.loadThrough(conversationId, n, () => this.state.wanted === wanted);
  }

  /** The message one went to was shown for long enough. */
  shown(): void {
    this.set({ wanted: null });
  }

  setPlaces(places: Places): void {
    if (places === this.state.places) return;
    const moved = places.view !== this.state.places.view;
    this.set({ places });
    this.looking.tell();
    this.keep("places", { tabs: places.tabs, view: places.view });
    if (moved && viewOf(history.state) !== places.view) history.pushState(places.view, "");
  }

  // --- writing ---

  post(id: ConversationID, content: Content): MessageID {
    this.typingSent = null;
    this.drafts.drop(id, this.state.world.talks[id]?.draft !== undefined);
    const files = this.files.name(id);
    return this.outbox.add(id, {
      ...content,
      ...(files.length > 0 && { files }),
      replyToId: this.amend.unquote(id)?.id,
      mentions: mentionsIn(this.state.world, id, content.text),
    });
  }

  /** Takes files to go with the next message; the notice tells of those there is no room for. */
  attach(id: ConversationID, files: readonly File[]): void {
    const left = this.files.add(id, files);
    if (left > 0) this.fail(new RequestError({ code: "invalid", text: tooManyFiles(left) }));
  }

  /**
   * Where a file of a message is read; with `save` it is kept rather than shown. With a replica the address holds a
   * ticket, since a picture can show no token.
   * @throws RequestError if there is no connection.
   */
  async fileUrl(id: FileID, save: boolean): Promise<string> {
    const at = `${this.shell.filesAt}/${id}`;
    if (!this.shell.replica) return save ? `${at}?save=1` : at;
    const { ticket } = await this.peer.request("file.ticket", { id });
    return `${at}?ticket=${ticket}${save ? "&save=1" : ""}`;
  }

  /** Lets go of a refused message. */
  discard(id: MessageID): void {
    for (const file of this.state.own.find((i) => i.message.id === id)?.files ?? [])
      this.files.cancel(file.id);
    this.outbox.discard(id);
    if (this.state.world.outbox[id]) {
      this.peer.request("outbox.discard", { id }).catch((e) => this.fail(e));
    }
  }

  /** Takes a refused message back into the composer, after what is already there. */
  writeAgain(item: OutboxItem): void {
    const { id, conversationId, document } = item.message;
    const text = item.message.text || (document ? plainText(document) : "");
    const draft = draftOf(this.state.world, this.state.drafts, conversationId);
    this.setDraft(
      conversationId,
      draft && text ? { text: `${draft.text}\n${text}` } : { text: text || (draft?.text ?? ""), document },
    );
    this.files.takeBack(conversationId, item.files ?? []);
    this.outbox.discard(id);
    if (this.state.world.outbox[id]) this.peer.request("outbox.discard", { id }).catch((e) => this.fail(e));
    this.set({ composerRound: this.state.composerRound + 1 });
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
    this.peer.request("typing.set", { conversationId: id, typing }).catch(() => {});
  }

  // --- rooms ---

  /** The id for a room that is about to be made; the same for every try to make it. */
  newRoomId(): ConversationID {
    return `r.${newUUID()}`;
  }

  /** Makes a room and goes there. Returns why it could not be made, null if it was. */
  async createRoom(id: ConversationID, name: string, participants: UserID[]): Promise<Failure | null> {
    const refused = await this.refusal(this.peer.request("room.create", { id, name, participants }));
    if (!refused) this.openConversation(id);
    return refused;
  }

  /** Takes people into a room. Returns why it could not be done, null if it was. */
  inviteToRoom(conversationId: ConversationID, userIds: UserID[]): Promise<Failure | null> {
    return this.refusal(this.peer.request("room.invite", { conversationId, userIds }));
  }

  /** Leaves a room; it disappears with all traces. Returns why it could not be done, null if it was. */
  leaveRoom(conversationId: ConversationID): Promise<Failure | null> {
    return this.refusal(this.peer.request("room.leave", { conversationId }));
  }

  private async refusal(request: Promise<unknown>): Promise<Failure | null> {
    try {
      await request;
      return null;
    } catch (e) {
      if (!(e instanceof RequestError)) throw e;
      return e.failure;
    }
  }

  // --- rules ---

  /**
   * Gives a command whose answer concerns the asking screen alone.
   * @throws RequestError, `offline` without a connection to the hub.
   */
  ask<C extends CommandName>(name: C, args: CommandArgs[C]): Promise<CommandOk[C]> {
    return this.peer.request(name, args);
  }

  /** Keeps one's own requests for rights as the hub has told them. */
  keepRequests(requests: RightsRequest[]): void {
    this.set({ world: keepRequests(this.state.world, requests) });
  }

  /** Takes away the notice of a request that was decided. */
  dismissDecided(): void {
    this.set({ decided: null });
  }

  // --- this computer ---

  setPreferences(part: Partial<Preferences>): void {
    const preferences = { ...this.state.preferences, ...part };
    this.set({ preferences });
    savePreferences(preferences);
  }

  /** Opens a dialog in place of what is open; null closes it. */
  show(dialog: Dialog | null): void {
    this.set({ dialog });
  }

  /** Puts one's reaction under a message, or takes it away. */
  async react(message: Message, emoji: string): Promise<void> {
    const refused = await this.amend.react(message, emoji);
    if (refused) this.fail(new RequestError(refused));
  }

  /** Opens a dialog about a message, of one's own conversations or of a transcript. */
  showAbout(dialog: "deleteMessage" | "versions", message: Message, transcript = false): void {
    this.set({ dialog, about: { message, transcript } });
  }

  /** Shows for a moment what could not be done. */
  private fail(e: unknown): void {
    if (!(e instanceof RequestError)) throw e;
    this.cancelNotice();
    this.set({ notice: e.failure });
    this.cancelNotice = timer(() => this.set({ notice: null }), NOTICE_MS);
  }

  dismissNotice(): void {
    this.cancelNotice();
    this.set({ notice: null });
  }

  private set(part: Partial<AppState>): void {
    if (part.peer || part.world) {
      const { peer, world, net } = { ...this.state, ...part };
      this.store.setState({ ...part, net: netAfter(net, peer, world.link) });
    } else {
      this.store.setState(part);
    }
  }

  private keep(what: KeptThing, value: unknown): void {
    const me = this.state.world.me?.user.id;
    if (me) keep(this.shell.profile, me, what, value);
  }

  private kept<T>(what: KeptThing): T | null {
    const me = this.state.world.me?.user.id;
    return me ? kept<T>(this.shell.profile, me, what) : null;
  }
}

/** What the server would say of a message with too many files. */
function tooManyFiles(left: number): string {
  return `A message has at most ${MAX_ATTACHMENTS} files; ${left} were left out.`;
}

function viewOf(state: unknown): View {
  const view = state as View | null;
  return view?.page ? view : { page: "conversations" };
}
