import {
  type CommandArgs,
  type CommandName,
  type CommandOk,
  type Cursor,
  type Device,
  type Failure,
  type Frame,
  type HelloAnswer,
  PROTOCOL_VERSION,
} from "../protocol";
import { backoffMs } from "./backoff";

/** Where to connect, and what to offer. The token, where there is one, travels as a second subprotocol. */
export interface Endpoint {
  url: string;
  token?: string;
}

/**
 * The life of the connection:
 *
 *     idle -> connecting -> online
 *                 |  ^         |
 *                 v  |         v
 *               offline <------+      (comes back by itself with back-off)
 *                 signedOut           (somebody must sign in; a replica keeps the socket open for it)
 *                 outdated            (page and server speak different versions; reload)
 */
export type PeerState =
  | { kind: "idle" }
  | { kind: "connecting" }
  | { kind: "online"; hello: HelloAnswer }
  | { kind: "offline"; sinceAt: number; nextTryAt: number }
  | { kind: "signedOut" }
  | { kind: "outdated" };

/** The part of a WebSocket the peer uses. */
export type Socket = Pick<
  WebSocket,
  "send" | "close" | "onopen" | "onmessage" | "onclose" | "readyState" | "protocol"
>;

/** What the peer needs from outside, so that tests can turn it by hand. */
export interface PeerNeeds {
  endpoint(): Promise<Endpoint>;
  dial(url: string, protocols: string[]): Socket;
  device: Device;
  /** Where the client stands: what hello continues from, and what each frame's prev must equal. */
  cursor(): Cursor;
  /** Takes a frame other than an answer. Throwing means the state cannot be trusted: `forget` is called next. */
  onFrame(frame: Frame): void;
  /** Drop the cursor, so that the next hello is answered with a reset. */
  forget(): void;
  onState(state: PeerState): void;
  /** Whether a replica answers: it stays open for somebody who is signed out, so that they can sign in. */
  replica: boolean;
  /** Asked after a connection failed before hello: false if there is no session any more (HTTP 401). */
  hasSession(): Promise<boolean>;
  now(): number;
  random(): number;
  setTimer(run: () => void, ms: number): () => void;
}

const HELLO_TIMEOUT_MS = 10_000;
const PING_EVERY_MS = 15_000;
const PING_TIMEOUT_MS = 10_000;

/** Close codes of Parley's own (backend/wire). From 4100 to 4199 a client does not come back by itself. */
const CLOSE_SIGNED_OUT = 4100;
const CLOSE_PROTOCOL = 4101;

/** Gives a command and waits for its answer; a RequestError says why there is none. */
export type Request = <C extends CommandName>(command: C, args: CommandArgs[C]) => Promise<CommandOk[C]>;

/** A command that was refused or could not be carried out. */
export class RequestError extends Error {
  constructor(readonly failure: Failure) {
    super(failure.text);
    this.name = "RequestError";
  }
}

interface Pending {
  resolve(ok: unknown): void;
  reject(error: RequestError): void;
}

const offline = () =>
  new RequestError({
    code: "offline",
    text: "There is no connection. Nothing was changed; try again later.",
  });

/**
 * The one WebSocket client of the page. It owns the connection: hello, request ids, heartbeat, the check for gaps,
 * and coming back. It keeps no content: frames go to `onFrame`, and what must survive a lost connection is repeated
 * by whoever asked.
 */
export class Peer {
  private socket: Socket | null = null;
  private current: PeerState = { kind: "idle" };
  private pending = new Map<number, Pending>();
  private lastId = 0;
  /** Failed tries in a row, for the back-off. */
  private failures = 0;
  /** Gaps and frames that could not be applied since the connection last proved healthy. */
  private troubles = 0;
  private offlineSince = 0;
  private cancelTimer: () => void = () => {};
  private cancelPing: () => void = () => {};
  /** Raised with every connection, so that what belongs to an old one is ignored. */
  private round = 0;

  constructor(private readonly needs: PeerNeeds) {}

  get state(): PeerState {
    return this.current;
  }

  /** Begins, or begins again after signing in. */
  start(): void {
    this.failures = 0;
    void this.connect();
  }

  /** Cuts the wait for the next try short. */
  retryNow(): void {
    if (this.current.kind === "offline") void this.connect();
  }

  /** Ends the connection and stays away until start. */
  stop(): void {
    this.drop();
    this.enter({ kind: "idle" });
  }

  /** Says hello again on the open socket, after the replica has signed in. */
  async helloAgain(): Promise<void> {
    if (this.socket) await this.hello(this.round);
    else this.start();
  }

  /**
   * Sends a command and waits for its answer.
   * @throws RequestError with the answer's failure, or `offline` if the connection is not there or breaks: then the
   * result is unknown, and only commands that may be repeated should be.
   */
  request<C extends CommandName>(command: C, args: CommandArgs[C]): Promise<CommandOk[C]> {
    const socket = this.socket;
    if (!socket || socket.readyState !== WebSocket.OPEN) return Promise.reject(offline());
    const id = ++this.lastId;
    return new Promise<CommandOk[C]>((resolve, reject) => {
      this.pending.set(id, { resolve: (ok) => resolve(ok as CommandOk[C]), reject });
      socket.send(JSON.stringify({ id, do: command, args }));
    });
  }

  private enter(state: PeerState): void {
    this.current = state;
    this.needs.onState(state);
  }

  private async connect(): Promise<void> {
    this.drop();
    const round = this.round;
    this.enter({ kind: "connecting" });
    try {
      const { url, token } = await this.needs.endpoint();
      if (round !== this.round) return;
      const protocols = token ? ["parley.v1", `parley.token.${token}`] : ["parley.v1"];
      const socket = this.needs.dial(url, protocols);
      this.socket = socket;
      socket.onopen = () => {
        if (round === this.round) void this.hello(round);
      };
      socket.onmessage = (m) => {
        if (round === this.round) this.receive(String(m.data));
      };
      socket.onclose = (e) => {
        if (round === this.round) void this.closed(e.code);
      };
    } catch {
      if (round === this.round) this.goOffline();
    }
  }

  private async hello(round: number): Promise<void> {
    const cancel = this.needs.setTimer(() => {
      if (round === this.round) this.goOffline();
    }, HELLO_TIMEOUT_MS);
    try {
      const hello = await this.request("hello", {
        protocol: PROTOCOL_VERSION,
        device: this.needs.device,
        cursor: this.needs.cursor() || undefined,
      });
      if (round !== this.round) return;
      this.failures = 0;
      this.offlineSince = 0;
      this.enter({ kind: "online", hello });
      this.schedulePing(round);
    } catch (e) {
      if (round !== this.round || !(e instanceof RequestError)) return;
      // A replica keeps this socket open for replica.signIn and another hello.
      if (e.failure.code === "signedOut") this.enter({ kind: "signedOut" });
      else if (e.failure.code !== "offline") this.goOffline();
    } finally {
      cancel();
    }
  }

  private schedulePing(round: number): void {
    this.cancelPing = this.needs.setTimer(() => {
      if (round !== this.round) return;
      const cancel = this.needs.setTimer(() => {
        if (round === this.round) this.goOffline();
      }, PING_TIMEOUT_MS);
      this.request("ping", {})
        .then(() => {
          if (round !== this.round) return;
          this.troubles = 0;
          this.schedulePing(round);
        })
        .catch(() => {})
        .finally(cancel);
    }, PING_EVERY_MS);
  }

  private receive(text: string): void {
    let frame: Frame;
    try {
      frame = JSON.parse(text) as Frame;
    } catch {
      this.resume();
      return;
    }
    if (frame.re !== undefined) {
      const waiting = this.pending.get(frame.re);
      this.pending.delete(frame.re);
      if (frame.error) waiting?.reject(new RequestError(frame.error));
      else waiting?.resolve(frame.ok ?? {});
      return;
    }
    if (frame.cursor !== undefined && frame.prev !== this.needs.cursor()) {
      this.resume();
      return;
    }
    try {
      this.needs.onFrame(frame);
    } catch (e) {
      console.error("A frame could not be applied; starting from a snapshot.", e);
      this.needs.forget();
      this.resume();
    }
  }

  /** Connects again at once from one's own cursor: something is missing. Repeated trouble backs off. */
  private resume(): void {
    this.troubles++;
    if (this.troubles === 1) {
      void this.connect();
      return;
    }
    this.failures += this.troubles;
    this.goOffline();
  }

  private async closed(code: number): Promise<void> {
    const wasConnecting = this.current.kind === "connecting";
    const round = this.round;
    if (code === CLOSE_SIGNED_OUT) {
      return this.needs.replica ? this.resume() : this.end({ kind: "signedOut" });
    }
    if (code === CLOSE_PROTOCOL) return this.end({ kind: "outdated" });
    // A refused upgrade looks like any lost connection, so the session is asked for over HTTP.
    if (wasConnecting && !(await this.needs.hasSession())) {
      if (round === this.round) this.end({ kind: "signedOut" });
      return;
    }
    if (round === this.round) this.goOffline();
  }

  private end(state: PeerState): void {
    this.drop();
    this.enter(state);
  }

  private goOffline(): void {
    this.drop();
    this.failures++;
    const now = this.needs.now();
    this.offlineSince ||= now;
    const wait = backoffMs(this.failures, this.needs.random);
    const round = this.round;
    this.cancelTimer = this.needs.setTimer(() => {
      if (round === this.round) void this.connect();
    }, wait);
    this.enter({ kind: "offline", sinceAt: this.offlineSince, nextTryAt: now + wait });
  }

  private drop(): void {
    this.round++;
    this.cancelTimer();
    this.cancelPing();
    const socket = this.socket;
    this.socket = null;
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close(1000);
    }
    const waiting = [...this.pending.values()];
    this.pending.clear();
    for (const p of waiting) p.reject(offline());
  }
}
