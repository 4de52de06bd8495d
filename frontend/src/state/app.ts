import i18next from "i18next";
import { createStore, type StoreApi } from "zustand/vanilla";
import { Peer, type PeerState, RequestError, type Socket } from "../peer/peer";
import type {
  CommandArgs,
  CommandName,
  CommandOk,
  ConversationID,
  Draft,
  Frame,
  Message,
  RightsRequest,
  Signal,
} from "../protocol";
import { byShareMenu } from "../shell/installed";
import { type Shell, thisDevice } from "../shell/shell";
import { permission } from "../shell/toast";
import {
  type Credentials,
  hasCookieSession,
  SSO_START,
  signInByCookie,
  signOutByCookie,
  ssoNameHere,
} from "./account";
import { Administration } from "./administration";
import { Alerting, mentions } from "./alerting";
import { Amend } from "./amend";
import { apply, keepRequests, lapseTyping } from "./apply";
import { type AppState, type Dialog, firstState } from "./appState";
import { newMessages } from "./attention";
import { auditedAfter } from "./audited";
import { filesLine } from "./fileKind";
import { Finding } from "./finding";
import { type KeptThing, keep, kept } from "./kept";
import { Looking } from "./looking";
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
import type { OwnItem } from "./outbox";
import { type Preferences, savePreferences } from "./preferences";
import { Push } from "./push";
import { Reading } from "./reading";
import { Rooms } from "./roomCommands";
import { netAfter, unreadOf } from "./select";
import { Watchfulness } from "./watchfulness";
import { emptyWorld, type World } from "./world";
import { Writing } from "./writing";

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
  readonly reading: Reading;
  readonly oneself: Oneself;
  readonly rooms: Rooms;
  private readonly alerting: Alerting;
  private readonly watchfulness: Watchfulness;
  readonly amend: Amend;
  /** What people write, and what is on its way. */
  readonly writing: Writing;
  readonly push: Push;
  private readonly peer: Peer;
  private readonly looking: Looking;
  /** The conversation that the page was opened for, until it is shown. */
  private openedFor: ConversationID | undefined;

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
    this.reading = new Reading(this.store, shell, request, (e) => this.fail(e));
    this.oneself = new Oneself(request, (e) => this.fail(e));
    this.rooms = new Rooms(request, (id) => this.openConversation(id));
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
    this.push = new Push({
      manager: async () => (await shell.installed?.ready)?.pushManager ?? null,
      lacks: () => (!isSecureContext ? "insecure" : byShareMenu() ? "install" : "unsupported"),
      permission,
      request,
      timeZone: () => Intl.DateTimeFormat().resolvedOptions().timeZone,
      wanted: () => this.state.preferences.push,
      want: (push) => this.setPreferences({ push }),
      onState: (push) => this.set({ push }),
    });
    this.amend = new Amend(this.store, (command, args) => this.peer.request(command, args));
    this.writing = new Writing({
      store: this.store,
      shell,
      request: (command, args) => this.peer.request(command, args),
      amend: this.amend,
      setTimer: timer,
      keep: (what, value) => this.keep(what, value),
      fail: (e) => this.fail(e),
    });
  }

  get state(): AppState {
    return this.store.getState();
  }

  /** Connects and begins to watch the window, once, for as long as the page lasts. */
  start(): void {
    window.addEventListener("focus", () => this.focusChanged(true));
    window.addEventListener("blur", () => this.focusChanged(false));
    window.addEventListener("online", () => this.retry());
    window.addEventListener("popstate", (e) => this.setPlaces(go(this.state.places, viewOf(e.state))));
    window.addEventListener("beforeunload", (e) => {
      if (this.writing.leaving()) e.preventDefault();
      if (Object.keys(this.administration.store.getState().forms).length > 0) e.preventDefault();
    });
    setInterval(() => this.set({ world: lapseTyping(this.state.world, Date.now()) }), 1000);
    this.watchfulness.start();
    this.install();
    void this.hasSession().then((yes) => {
      if (yes) this.peer.start();
      else this.set({ peer: { kind: "signedOut" } });
    });
  }

  /** Follows what becomes of the page as installed on this device. */
  private install(): void {
    const { installed } = this.shell;
    if (!installed) return;
    installed.onUpdate = () => this.set({ update: true });
    installed.onInstalling = (installing) => this.set({ installing });
    installed.onReveal = (id) => this.reveal(id);
    this.openedFor = installed.openedFor();
    installed.start();
  }

  /** Loads the page anew, in its newest version. */
  reload(): void {
    if (this.shell.installed) void this.shell.installed.reload();
    else location.reload();
  }

  /** Says whether this device tells of messages while no page is open. */
  async setPush(on: boolean): Promise<void> {
    try {
      await (on ? this.push.turnOn() : this.push.turnOff());
    } catch (e) {
      this.fail(e);
    }
  }

  // --- connection ---

  /** Tries to connect now instead of waiting. */
  retry(): void {
    this.peer.retryNow();
    if (this.state.world.link) this.peer.request("replica.retry", {}).catch(() => {});
  }

  /**
   * Signs in. `server` is used by the desktop only; in a browser the server is where the page came from. Returns the recovery codes
   * of a second factor that was set up with it: with any, the page goes on by `enter`, once they were seen.
   * @throws RequestError saying why not; `secondFactor` and `enrol` ask for a code beside the password.
   */
  async signIn(who: Credentials, server: string): Promise<string[]> {
    const { recoveryCodes = [] } = this.shell.replica
      ? await this.peer.request("replica.signIn", { server, ...who })
      : await signInByCookie(who, thisDevice(this.shell));
    if (recoveryCodes.length === 0) await this.enter();
    return recoveryCodes;
  }

  /** What single sign-on is called at a server; empty if there is none. @throws RequestError if that server cannot be asked. */
  async ssoName(server: string): Promise<string> {
    return this.shell.replica ? (await this.peer.request("replica.ssoName", { server })).name : ssoNameHere();
  }

  /**
   * Signs in at the OpenID provider. A page of the server itself goes there, and does not come back from this call. With a replica
   * that happens in the system's browser, whose address `opened` is told; it returns when somebody has signed in there.
   * @throws RequestError saying why not.
   */
  async singleSignOn(server: string, opened: (address: string) => void): Promise<void> {
    if (!this.shell.replica) {
      location.assign(SSO_START);
      return new Promise(() => {});
    }
    const { address } = await this.peer.request("replica.ssoBegin", { server });
    opened(address);
    this.shell.openLink(address);
    await this.peer.request("replica.ssoAwait", {});
    await this.enter();
  }

  /** Begins with the session that a sign-in has opened. */
  async enter(): Promise<void> {
    if (this.shell.replica) await this.peer.helloAgain();
    else this.peer.start();
  }

  /** Signs out, or asks first if something unsent would be lost with it. */
  async askSignOut(): Promise<void> {
    if (await this.writing.unsent()) this.show("signOut");
    else await this.signOut();
  }

  /** Signs out, here only; nothing of the conversations stays in the page, what was not sent included. */
  async signOut(): Promise<void> {
    try {
      if (this.shell.replica) await this.peer.request("replica.signOut", {});
      else await signOutByCookie();
      if (this.state.preferences.push) void this.push.forget();
    } catch (e) {
      this.fail(e);
      return;
    }
    this.writing.clear();
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
    // It is asked again with each connection; what goes wrong then stands in the settings.
    if (peer.kind === "online" && !this.shell.replica)
      this.push.renewed(peer.hello.pushKey ?? "").catch(() => {});
  }

  private forgetAll(): void {
    this.administration.forget();
    this.monitoring.forget();
    this.finding.clear();
    this.reading.forget();
    this.alerting.forget();
    void this.shell.installed?.clear();
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
    this.writing.renewed();
    this.administration.refresh();
    this.monitoring.renewed();
    this.looking.tellAnew();
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
    this.writing.settle();
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
    if (this.openedFor && known(this.openedFor)) this.openConversation(this.openedFor);
    this.openedFor = undefined;
    this.writing.restore(
      this.kept<Record<string, Draft>>("drafts") ?? {},
      this.kept<OwnItem[]>("outbox") ?? [],
    );
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
      if (quiet || (world.talks[m.conversationId]?.muted && !mentions(world, m))) continue;
      places = flash(places, m.conversationId);
      this.set({ announcement: `${name}: ${said}` });
    }
    for (const { type, message } of frame.events ?? []) {
      if (type === "message.deleted" && message) this.alerting.deleted(message);
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
    if (this.reading.take(signal)) return;
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

  /** Shows what could not be done. */
  private fail(e: unknown): void {
    if (!(e instanceof RequestError)) throw e;
    this.set({ notice: e.failure });
  }

  dismissNotice(): void {
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

function viewOf(state: unknown): View {
  const view = state as View | null;
  return view?.page ? view : { page: "conversations" };
}
