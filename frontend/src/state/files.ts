import { Upload } from "tus-js-client";
import type { Attachment, ConversationID, Failure, FileID, TemplateID } from "../protocol";
import { MAX_ATTACHMENTS, MAX_FILE_BYTES } from "../protocol";
import type { ChosenFile } from "./outbox";

/**
 * The life of a file on its way to the peer:
 *
 *     waiting -> sending -> arrived
 *        ^          |  \--> refused (final, with the reason; it can only be taken away)
 *        |          +-----> paused  (until it is resumed)
 *        \----------/  connection lost: goes on by itself from where it is
 */
export type TransferState = "waiting" | "sending" | "paused" | "arrived" | "refused";

/** A file that somebody wants to send; one of a template (`from`) is with the server already, and its id is this page's alone. */
export interface Transfer extends ChosenFile {
  /** Where it is to go: a conversation, or what templateFilesAt says. */
  conversationId: ConversationID;
  state: TransferState;
  /** Bytes a second over the last moments; 0 while nothing is known. */
  speed: number;
  /** Whether a message names it: then it stands in its bubble, no longer in the composer. */
  named: boolean;
  /** Why it is refused, or for now waits. */
  error?: Failure;
  /** A picture to be shown meanwhile: an address of this page's own. */
  picture?: string;
}

/** One sending of a file's bytes. */
export interface Sending {
  start(): void;
  /** Stops; `giveUp` also has the peer forget what has arrived. */
  stop(giveUp: boolean): void;
}

/** What is told about a sending. */
export interface SendingTold {
  progress(sent: number): void;
  done(): void;
  /** It stopped: with a failure that is final, or null if it may go on later; `why` is what the peer says of that, if anything. */
  failed(failure: Failure | null, why?: Failure): void;
}

export interface FilesNeeds {
  send(file: File, id: FileID, conversationId: ConversationID, told: SendingTold): Sending;
  /** Tells the peer that somebody still means to use a file that has arrived. */
  keepAlive(id: FileID): void;
  newId(): FileID;
  now(): number;
  setTimer(run: () => void, ms: number): () => void;
  /** Told after every change. */
  onChange(transfers: readonly Transfer[]): void;
  /** Told when a file has arrived, so that its message can go. */
  onArrived(): void;
}

/** Between tries after a lost connection, in milliseconds; the last one again and again. */
const RETRY_MS = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000];
/** An upload that nothing is heard of for an hour is removed by the server. */
const KEEP_ALIVE_MS = 15 * 60_000;
/** How many files are on their way at once. */
const AT_ONCE = 3;
/** Speed is that of the last moments, in milliseconds. */
const SPEED_MS = 4_000;

interface Way {
  file: File | null;
  sending: Sending | null;
  failures: number;
  marks: { at: number; sent: number }[];
  cancel: () => void;
}

/**
 * The page's files on their way. They go on whatever conversation is looked at; a few at once, the others wait. The
 * bytes themselves are read and sent by a Sending; here is when, and what is told about it.
 */
export class Files {
  private list: Transfer[] = [];
  private ways = new Map<FileID, Way>();
  private cancelAlive: () => void = () => {};

  constructor(private readonly needs: FilesNeeds) {}

  /**
   * Takes files to be sent with the next message of a conversation. One that is too large is shown as refused before a
   * byte is sent; more than a message can have are left out.
   * @returns how many were left out.
   */
  add(conversationId: ConversationID, files: readonly File[]): number {
    const room = MAX_ATTACHMENTS - this.of(conversationId).length;
    for (const file of files.slice(0, Math.max(0, room))) {
      const id = this.needs.newId();
      const tooLarge = file.size > MAX_FILE_BYTES;
      this.ways.set(id, { file, sending: null, failures: 0, marks: [], cancel: () => {} });
      this.list = [
        ...this.list,
        {
          id,
          name: file.name,
          size: file.size,
          sent: 0,
          conversationId,
          state: tooLarge ? "refused" : "waiting",
          speed: 0,
          named: false,
          ...(tooLarge ? { error: { code: "invalid", text: "", refusal: undefined } as Failure } : {}),
          ...(file.type.startsWith("image/") && file.type !== "image/svg+xml"
            ? { picture: URL.createObjectURL(file) }
            : {}),
        },
      ];
    }
    this.changed();
    this.pump();
    this.watch();
    return Math.max(0, files.length - Math.max(0, room));
  }

  /**
   * Takes files of a template, whose bytes need not be sent.
   * @returns how many were left out.
   */
  addOfTemplate(conversationId: ConversationID, files: readonly Attachment[]): number {
    const room = Math.max(0, MAX_ATTACHMENTS - this.of(conversationId).length);
    const added = files.slice(0, room).map<Transfer>(({ id, name, size }) => ({
      id: this.needs.newId(),
      from: id,
      name,
      size,
      sent: size,
      conversationId,
      state: "arrived",
      speed: 0,
      named: false,
    }));
    this.list = [...this.list, ...added];
    this.changed();
    return files.length - added.length;
  }

  /** Those in the composer of a conversation. */
  of(conversationId: ConversationID): Transfer[] {
    return this.list.filter((t) => t.conversationId === conversationId && !t.named);
  }

  /** Whether the peer has all of these files. What this page knows nothing of is for the peer to judge. */
  arrived(ids: readonly FileID[]): boolean {
    return ids.every((id) => {
      const t = this.list.find((x) => x.id === id);
      return !t || t.state === "arrived";
    });
  }

  /** Why one of these files will never arrive, if so. */
  refusal(ids: readonly FileID[]): Failure | undefined {
    return this.list.find((t) => ids.includes(t.id) && t.state === "refused")?.error;
  }

  /** Takes the files of the composer into a message. Refused ones stay behind. */
  name(conversationId: ConversationID): ChosenFile[] {
    const taken = this.of(conversationId).filter((t) => t.state !== "refused");
    const ids = new Set(taken.map((t) => t.id));
    this.list = this.list.map((t) => (ids.has(t.id) ? { ...t, named: true } : t));
    for (const t of taken) if (t.state === "paused") this.resume(t.id);
    this.changed();
    return taken.map(({ id, from, name, size, sent }) => ({ id, ...(from && { from }), name, size, sent }));
  }

  /** Gives a message's files back to the composer. */
  takeBack(conversationId: ConversationID, files: readonly ChosenFile[]): void {
    for (const file of files) {
      if (this.list.some((t) => t.id === file.id)) this.change(file.id, { named: false });
      else
        this.list = [
          ...this.list,
          { ...file, sent: file.size, conversationId, state: "arrived", speed: 0, named: false },
        ];
    }
    this.changed();
  }

  pause(id: FileID): void {
    const way = this.ways.get(id);
    way?.cancel();
    way?.sending?.stop(false);
    if (way) way.sending = null;
    this.change(id, { state: "paused", speed: 0 });
    this.pump();
  }

  resume(id: FileID): void {
    const way = this.ways.get(id);
    if (!way?.file) return;
    way.failures = 0;
    this.change(id, { state: "waiting" });
    this.pump();
  }

  /** Takes a file away; the peer forgets what has arrived of it. */
  cancel(id: FileID): void {
    const way = this.ways.get(id);
    way?.cancel();
    way?.sending?.stop(true);
    this.drop([id]);
    this.pump();
  }

  /** Lets go of files whose message is posted. */
  drop(ids: readonly FileID[]): void {
    for (const t of this.list) if (ids.includes(t.id) && t.picture) URL.revokeObjectURL(t.picture);
    const left = this.list.filter((t) => !ids.includes(t.id));
    if (left.length === this.list.length) return;
    for (const id of ids) this.ways.delete(id);
    this.list = left;
    this.changed();
  }

  /** Everything that waits for a connection goes on at once. */
  renewed(): void {
    for (const t of this.list) {
      const way = this.ways.get(t.id);
      if (t.state !== "waiting" || !way) continue;
      way.cancel();
      way.cancel = () => {};
      way.failures = 0;
    }
    this.pump();
  }

  /** Ends everything, at signing out. */
  clear(): void {
    for (const t of [...this.list]) {
      this.ways.get(t.id)?.cancel();
      this.ways.get(t.id)?.sending?.stop(true);
    }
    this.drop(this.list.map((t) => t.id));
    this.cancelAlive();
  }

  /** Whether closing the page would lose bytes. */
  unfinished(): boolean {
    return this.list.some((t) => t.state !== "refused" && (t.state !== "arrived" || !t.named));
  }

  private pump(): void {
    let busy = this.list.filter((t) => t.state === "sending").length;
    for (const t of this.list) {
      const way = this.ways.get(t.id);
      if (busy >= AT_ONCE) return;
      if (t.state !== "waiting" || !way?.file || way.sending || way.failures < 0) continue;
      busy++;
      this.begin(t, way, way.file);
    }
  }

  private begin(t: Transfer, way: Way, file: File): void {
    const still = () => this.ways.get(t.id) === way && way.sending === sending;
    const sending = this.needs.send(file, t.id, t.conversationId, {
      progress: (sent) => {
        if (still()) this.progress(t.id, way, sent);
      },
      done: () => {
        if (!still()) return;
        way.sending = null;
        way.file = null;
        this.change(t.id, { state: "arrived", sent: t.size, speed: 0 });
        this.pump();
        this.needs.onArrived();
      },
      failed: (failure, why) => {
        if (still()) this.stopped(t.id, way, failure, why);
      },
    });
    way.sending = sending;
    way.marks = [];
    this.change(t.id, { state: "sending", error: undefined });
    sending.start();
  }

  private progress(id: FileID, way: Way, sent: number): void {
    const at = this.needs.now();
    way.marks = [...way.marks.filter((m) => at - m.at <= SPEED_MS), { at, sent }];
    const first = way.marks[0] as { at: number; sent: number };
    const speed = at > first.at ? ((sent - first.sent) * 1000) / (at - first.at) : 0;
    if (way.marks.length > 1) way.failures = 0;
    this.change(id, { sent, speed: Math.max(0, speed) });
  }

  private stopped(id: FileID, way: Way, failure: Failure | null, why?: Failure): void {
    way.sending = null;
    if (failure) {
      this.change(id, { state: "refused", speed: 0, error: failure });
      this.needs.onArrived(); // its message learns of it
    } else {
      const wait = RETRY_MS[Math.min(way.failures, RETRY_MS.length - 1)] as number;
      const failures = way.failures + 1;
      way.failures = -1; // until the wait is over
      way.cancel = this.needs.setTimer(() => {
        way.failures = failures;
        this.pump();
      }, wait);
      this.change(id, { state: "waiting", speed: 0, error: why });
    }
    this.pump();
  }

  /** Tells the peer from time to time that what lies in a composer is still wanted. */
  private watch(): void {
    this.cancelAlive();
    this.cancelAlive = this.needs.setTimer(() => {
      const wanted = this.list.filter((t) => !t.from && (t.state === "arrived" || t.state === "paused"));
      for (const t of wanted) this.needs.keepAlive(t.id);
      if (this.list.length > 0) this.watch();
    }, KEEP_ALIVE_MS);
  }

  private change(id: FileID, part: Partial<Transfer>): void {
    this.list = this.list.map((t) => (t.id === id ? { ...t, ...part } : t));
    this.changed();
  }

  private changed(): void {
    this.needs.onChange(this.list);
  }
}

/** Where the files of a template are sent for (chat.TemplateID.FilesAt). */
export const templateFilesAt = (id: TemplateID): ConversationID => `t.${id}`;

/** Bytes of one request: what is sent again at most, when a connection ends. */
const CHUNK_BYTES = 2_000_000;

/**
 * Sends a file by tus to the peer at an address like "/v1/files". The id is the file's own, so whoever tries again
 * goes on with the same upload.
 */
export function sendByTus(
  base: string,
  headers: Record<string, string>,
  file: File,
  id: FileID,
  conversationId: ConversationID,
  told: SendingTold,
): Sending {
  const upload = new Upload(file, {
    endpoint: base,
    uploadUrl: `${base}/${id}`, // asked first: it may be there already
    headers,
    chunkSize: CHUNK_BYTES,
    retryDelays: null,
    storeFingerprintForResuming: false,
    metadata: { id, conversationId, name: file.name },
    onProgress: (sent) => told.progress(sent),
    onSuccess: () => told.done(),
    onError: (e) => told.failed(failureOf(e), failureIn(e)),
  });
  return {
    start: () => upload.start(),
    stop: (giveUp) => {
      void upload.abort(giveUp).catch(() => {}); // what cannot be told to the server goes by itself within an hour
    },
  };
}

/** What the peer says in an error of the protocol's client, if it says anything. */
export function failureIn(e: unknown): Failure | undefined {
  const body = (e as { originalResponse?: { getBody(): string } | null }).originalResponse?.getBody();
  if (!body) return undefined;
  try {
    return (JSON.parse(body) as { error?: Failure }).error;
  } catch {
    return undefined; // an answer of something in between
  }
}

/** The final refusal in an error of the protocol's client; null if it may go on later. */
export function failureOf(e: unknown): Failure | null {
  const response = (e as { originalResponse?: { getStatus(): number; getBody(): string } | null })
    .originalResponse;
  const status = response?.getStatus() ?? 0;
  // Signed out, in use, or the server is busy: it is asked again. A conflict of places ends with asking how far it is.
  if (!response || status < 400 || status >= 500 || status === 401 || status === 423 || status === 429)
    return null;
  return failureIn(e) ?? { code: "invalid", text: `The server refused the file (${status}).` };
}
