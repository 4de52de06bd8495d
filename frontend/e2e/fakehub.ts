import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import type { Page, WebSocketRoute } from "@playwright/test";
import type {
  AttentionUpdateArgs,
  ConversationMuteArgs,
  ConversationState,
  DraftSetArgs,
  Frame,
  HistoryLoadArgs,
  MessagePostArgs,
  SessionInfo,
  Snapshot,
  User,
} from "../src/protocol";

/** Where the built page seems to come from; nothing listens there, every request is answered here. */
export const ORIGIN = "http://parley.test";

const types: Record<string, string> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

/** The policy the servers set (backend/server), so that the page is proven to live under it. */
const CSP =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self' ws://127.0.0.1:* ws://parley.test; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

type Answer =
  | { ok: unknown }
  | { error: { code: string; text: string; refusal?: { gate: string; rule: string } } };

/**
 * A hub of a few lines that lives in the test: it answers hello with a snapshot, posts what is posted, and does as
 * the test says. It decides nothing by itself, so what a screen shows is what the test has set.
 */
export class FakeHub {
  private socket: WebSocketRoute | null = null;
  private cursor = 0;
  private down = false;
  private signedIn: boolean;
  /** Commands received, in order. */
  readonly received: { do: string; args: Record<string, unknown> }[] = [];
  /** Where the person is signed in. */
  sessions: SessionInfo[] = [];
  /** What posts answer instead of being posted. */
  refuse: { code: string; text: string; refusal?: { gate: string; rule: string } } | null = null;

  constructor(
    readonly snapshot: Snapshot,
    private readonly options: { replica?: boolean; signedIn?: boolean; now?: () => number } = {},
  ) {
    this.signedIn = options.signedIn ?? true;
  }

  /** Makes the page believe it was served by this hub. */
  async attach(page: Page): Promise<void> {
    await page.route(`${ORIGIN}/**`, async (route) => {
      const url = new URL(route.request().url());
      if (url.pathname.startsWith("/v1/") && this.down) return route.abort();
      if (url.pathname === "/v1/session")
        return route.fulfill({ status: this.signedIn ? 200 : 401, json: {} });
      if (url.pathname === "/v1/sign-in") {
        const { password } = route.request().postDataJSON() as { password: string };
        this.signedIn = password === "right";
        return route.fulfill(
          this.signedIn
            ? { status: 200, json: { userId: this.me.id } }
            : { status: 401, json: { error: { code: "denied", text: "no" } } },
        );
      }
      if (url.pathname === "/v1/sso") return route.fulfill({ json: { name: "" } });
      if (url.pathname === "/v1/sign-out") {
        this.signedIn = false;
        return route.fulfill({ status: 204 });
      }
      const path = url.pathname === "/" ? "/index.html" : url.pathname;
      const body = await readFile(join(import.meta.dirname, "../dist", path)).catch(() => null);
      if (!body) return route.fulfill({ status: 404 });
      return route.fulfill({
        body,
        headers: {
          "Content-Type": types[extname(path)] ?? "application/octet-stream",
          "Content-Security-Policy": CSP,
        },
      });
    });
    await page.routeWebSocket(/\/v1\/socket$/, (socket) => {
      if (this.down) {
        void socket.close({ code: 1011 });
        return;
      }
      this.socket = socket;
      socket.onMessage((data) => this.answer(JSON.parse(String(data))));
    });
  }

  private now(): number {
    return (this.options.now ?? Date.now)();
  }

  get me(): User {
    return this.snapshot.me.user;
  }

  send(frame: Frame): void {
    this.socket?.send(JSON.stringify(frame));
  }

  /** Sends events with the cursors that belong to them. */
  events(events: Frame["events"]): void {
    const prev = `c${this.cursor}`;
    this.send({ prev, cursor: `c${++this.cursor}`, events });
  }

  /** Another person writes. */
  say(conversationId: string, authorId: string, text: string): void {
    const state = this.conversation(conversationId);
    const n = ++state.lastN;
    this.events([
      {
        type: "message.posted",
        message: { id: `said-${conversationId}-${n}`, conversationId, n, authorId, at: this.now(), text },
      },
    ]);
  }

  /** The network goes away, until `up`. */
  async cut(): Promise<void> {
    this.down = true;
    await this.socket?.close({ code: 1012 });
  }

  up(): void {
    this.down = false;
  }

  private conversation(id: string): ConversationState {
    const found = this.snapshot.conversations.find((c) => c.conversation.id === id);
    if (!found) throw new Error(`no conversation ${id} in the snapshot`);
    return found;
  }

  private answer(request: { id: number; do: string; args: Record<string, unknown> }): void {
    this.received.push(request);
    const reply = (answer: Answer) => this.socket?.send(JSON.stringify({ re: request.id, ...answer }));
    switch (request.do) {
      case "hello":
        this.hello(request.args, reply);
        break;
      case "replica.ssoName":
        reply({ ok: { name: "" } });
        break;
      case "replica.signIn":
        this.signedIn = true;
        reply({ ok: {} });
        break;
      case "message.post":
        this.post(request.args as unknown as MessagePostArgs, reply);
        break;
      case "draft.set":
        this.events([
          { type: "draft.changed", draft: { ...(request.args as unknown as DraftSetArgs), at: this.now() } },
        ]);
        reply({ ok: {} });
        break;
      case "attention.update": {
        const attention = { ...this.snapshot.me.attention, ...(request.args as AttentionUpdateArgs) };
        this.snapshot.me = { ...this.snapshot.me, attention };
        this.events([{ type: "me.changed", me: this.snapshot.me }]);
        reply({ ok: {} });
        break;
      }
      case "conversation.mute": {
        const mute = request.args as unknown as ConversationMuteArgs;
        this.conversation(mute.conversationId).muted = mute.muted;
        this.events([{ type: "conversation.muted", mute }]);
        reply({ ok: {} });
        break;
      }
      case "session.list":
        reply({ ok: { sessions: this.sessions } });
        break;
      case "session.end":
        this.sessions = this.sessions.filter((s) => s.id !== request.args.sessionId);
        reply({ ok: {} });
        break;
      case "password.change":
        reply(
          request.args.old === "right"
            ? { ok: {} }
            : { error: { code: "denied", text: "The old password is wrong. Nothing was changed." } },
        );
        break;
      case "history.load":
        reply({ ok: this.history(request.args as unknown as HistoryLoadArgs) });
        break;
      case "explain.ask":
        reply({ error: { code: "unknown", text: "There is no such thing, or it is not yours to see." } });
        break;
      case "request.list":
        reply({ ok: { requests: [] } });
        break;
      default:
        reply({ ok: {} });
    }
  }

  private hello(args: Record<string, unknown>, reply: (answer: Answer) => void): void {
    const replica = this.options.replica ?? false;
    if (replica && !this.signedIn) {
      reply({ error: { code: "signedOut", text: "Sign in first." } });
      return;
    }
    reply({
      ok: { userId: this.me.id, sessionId: "s1", serverAt: this.now(), version: "0.1.0", replica },
    });
    // A replica always answers with what it has; a hub goes on from the cursor.
    if (replica || args.cursor !== `c${this.cursor}`) {
      this.send({ reset: { reason: "first", cursor: `c${this.cursor}`, snapshot: this.snapshot } });
    }
    this.send({ signals: [{ type: "presence.all", presenceAll: this.snapshot.presence }] });
  }

  private post(args: MessagePostArgs, reply: (answer: Answer) => void): void {
    if (this.refuse) {
      reply({ error: this.refuse });
      return;
    }
    const state = this.snapshot.conversations.find((c) => c.conversation.id === args.conversationId);
    const n = state ? ++state.lastN : 1;
    const at = this.now();
    reply({ ok: { n, at } });
    this.events([
      {
        type: "message.posted",
        message: { ...args, n, at, authorId: this.me.id, text: args.text ?? "" },
      },
    ]);
  }

  private history(args: HistoryLoadArgs) {
    const author =
      this.conversation(args.conversationId).conversation.participants.find((p) => p !== this.me.id) ?? "";
    const from = Math.max(1, args.beforeN - args.limit);
    const messages = [];
    for (let n = from; n < args.beforeN; n++) {
      messages.push({
        id: `old-${n}`,
        conversationId: args.conversationId,
        n,
        authorId: n % 3 ? author : this.me.id,
        at: this.now() - (2500 - n) * 60_000,
        text: `Older message number ${n}`,
      });
    }
    return { messages, more: from > 1 };
  }
}
