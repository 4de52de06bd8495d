import type {
  Attention,
  ConversationID,
  DoNotDisturb,
  MessageID,
  Millis,
  QuietHours,
  Reminder,
} from "../protocol";

/**
 * The rule when to disturb somebody about a message: toast, sound, flashing. It is the desktop's own (Go package
 * backend/attention, which says what it is for), for a page in a browser: backend/attention/testdata/stories.json holds both to the
 * same decisions. Pure but for its own state, and driven by the times it is given.
 */

export const TOAST_EVERY_MS = 5_000;
export const MAX_TOASTS = 3;
export const SOUND_EVERY_MS = 2_000;
export const OTHERS_AFTER_MS = 30_000;

const DAY_MS = 24 * 3600 * 1000;

/** How a user wants to be disturbed; `organisation` counts where they have not chosen. */
export interface Settings extends Attention {
  organisation?: Reminder;
}

/** A message that has arrived. */
export interface Arrival {
  id: MessageID;
  conversationId: ConversationID;
  from: string;
  text: string;
  muted: boolean;
  /** It is meant for the user in particular: then it disturbs though its conversation is muted. */
  mentioned: boolean;
}

/** A toast to be shown; without a conversation it tells of several. */
export interface Toast {
  conversationId?: ConversationID;
  from?: string;
  text?: string;
  messages: number;
  conversations: number;
}

/** What is to be done at one moment. */
export interface Alerts {
  toasts: Toast[];
  /** The conversation for which to play a sound. */
  sound?: ConversationID;
  /** How long from then to ask again; 0 if nothing waits. */
  again: Millis;
}

/** What a conversation's unread messages have done so far. */
interface Disturbance {
  /** When the first message came that nobody has looked at. */
  firstAt: Millis;
  /** When the first came that no toast has told of. */
  waitsAt: Millis;
  toastedAt: Millis | null;
  /** The messages since that toast that were not shown. */
  count: number;
  last: Arrival;
  /** When the message came that has not sounded yet. */
  soundAt: Millis | null;
}

export class Disturb {
  private settings: Settings = {};
  private foremost = true;
  private looked: ConversationID | null = null;
  private readonly conversations = new Map<ConversationID, Disturbance>();
  private toastedAt: Millis[] = [];
  private soundedAt: Millis | null = null;

  configure(settings: Settings): void {
    this.settings = settings;
  }

  /** Whether this device is to disturb first. Until it is told otherwise it is. */
  setForemost(foremost: boolean): void {
    this.foremost = foremost;
  }

  /** What the user is looking at. */
  look(id: ConversationID | null): void {
    this.looked = id;
    if (id) this.read(id);
  }

  /** A conversation has no unread messages any more, was muted, or is no longer there. */
  read(id: ConversationID): void {
    this.conversations.delete(id);
  }

  /** The conversations about which somebody was disturbed, or is to be. */
  waiting(): ConversationID[] {
    return [...this.conversations.keys()];
  }

  /**
   * A message was deleted by its author. Tells whether a toast may be standing that shows it, which goes away; one that waits is
   * shown without it.
   */
  deleted(conversationId: ConversationID, id: MessageID): boolean {
    const d = this.conversations.get(conversationId);
    if (d?.last.id !== id) return false;
    const shown = d.count === 0;
    d.count = Math.max(d.count - 1, 0);
    d.last = { ...d.last, text: "New message" };
    return shown;
  }

  /** Somebody else's message has arrived. What follows from it comes from `due`, which is asked next. */
  posted(now: Millis, m: Arrival): void {
    if ((m.muted && !m.mentioned) || this.looked === m.conversationId) return;
    const was = this.conversations.get(m.conversationId);
    const d: Disturbance = was ?? {
      firstAt: now,
      waitsAt: now,
      toastedAt: null,
      count: 0,
      last: m,
      soundAt: null,
    };
    if (d.count === 0) d.waitsAt = now;
    d.count++;
    d.last = m;
    if (!quietAt(this.settings, now).quiet) d.soundAt ??= now;
    this.conversations.set(m.conversationId, d);
  }

  /** What is to be done at now, each thing once. */
  due(now: Millis): Alerts {
    this.toastedAt = this.toastedAt.filter((at) => now - at < TOAST_EVERY_MS);
    const { quiet } = quietAt(this.settings, now);
    const sound = this.dueSound(now, quiet);
    const toasts = quiet ? [] : this.dueToasts(now);
    return { toasts, ...(sound ? { sound } : {}), again: this.next(now) };
  }

  /** What would have sounded too soon after another one, or in quiet, does not any more. */
  private dueSound(now: Millis, quiet: boolean): ConversationID | undefined {
    let of: ConversationID | undefined;
    for (const [id, d] of this.sorted()) {
      if (d.soundAt === null || now < d.soundAt + this.hold()) continue;
      d.soundAt = null;
      if (!quiet && (this.soundedAt === null || now - this.soundedAt >= SOUND_EVERY_MS)) {
        of = id;
        this.soundedAt = now;
      }
    }
    return of;
  }

  private dueToasts(now: Millis): Toast[] {
    const ready = this.sorted()
      .map(([, d]) => d)
      .filter((d) => {
        const at = this.toastAt(d);
        return at !== null && now >= at;
      });
    const free = MAX_TOASTS - this.toastedAt.length;
    if (ready.length === 0 || free <= 0) return [];
    const toasts: Toast[] =
      ready.length <= free
        ? ready.map(({ last, count }) => ({
            conversationId: last.conversationId,
            from: last.from,
            text: last.text,
            messages: count,
            conversations: 1,
          }))
        : [{ messages: ready.reduce((sum, d) => sum + d.count, 0), conversations: ready.length }];
    for (const d of ready) {
      d.toastedAt = now;
      d.count = 0;
    }
    this.toastedAt.push(...toasts.map(() => now));
    return toasts;
  }

  /** When a toast of a conversation may be shown, quiet and the other conversations left aside; null for never. */
  private toastAt(d: Disturbance): Millis | null {
    if (d.count === 0) return null;
    const { mode, afterMs = 0 } = this.settings.reminder?.mode
      ? this.settings.reminder
      : (this.settings.organisation ?? { mode: "every" });
    if (mode === "off") return null;
    if (mode === "after") return d.toastedAt === null ? d.firstAt + afterMs + this.hold() : null;
    const at = d.waitsAt + this.hold();
    return d.toastedAt === null ? at : Math.max(at, d.toastedAt + TOAST_EVERY_MS);
  }

  /** How long this device waits for somebody to look on another one. */
  private hold(): Millis {
    return this.foremost ? 0 : OTHERS_AFTER_MS;
  }

  /** How long from now until something that waits may be done; 0 if nothing waits. */
  private next(now: Millis): Millis {
    const { quiet, until } = quietAt(this.settings, now);
    const times: Millis[] = [];
    for (const d of this.conversations.values()) {
      if (d.soundAt !== null) times.push(d.soundAt + this.hold());
      const at = this.toastAt(d);
      if (at === null || (quiet && until === null)) continue;
      const full = this.toastedAt.length >= MAX_TOASTS ? (this.toastedAt[0] ?? 0) + TOAST_EVERY_MS : 0;
      times.push(Math.max(at, quiet ? (until ?? 0) : 0, full));
    }
    return times.length === 0 ? 0 : Math.max(1, Math.min(...times) - now);
  }

  private sorted(): [ConversationID, Disturbance][] {
    return [...this.conversations].sort(([a], [b]) => (a < b ? -1 : 1));
  }
}

/**
 * Whether nothing is to disturb at now, and until when; null if nobody knows, because it lasts until it is switched off.
 * Quiet hours count by this computer's clock.
 */
export function quietAt(s: Attention, now: Millis): { quiet: boolean; until: Millis | null } {
  if (s.doNotDisturb?.on && !s.doNotDisturb.untilAt) return { quiet: true, until: null };
  let until = now;
  // Times of quiet may follow each other, all week long if need be.
  while (until - now < 8 * DAY_MS) {
    const next = endOf(s, until);
    if (next <= until) return { quiet: until > now, until };
    until = next;
  }
  return { quiet: true, until: null };
}

/** Whether do-not-disturb is on: one whose time has run out is not. */
export function isOn(d: DoNotDisturb | undefined, now: Millis): boolean {
  return d?.on === true && (!d.untilAt || d.untilAt > now);
}

/** When the quiet ends in which `at` lies; `at` itself if it lies in none. */
function endOf(s: Attention, at: Millis): Millis {
  let end = at;
  if (s.doNotDisturb?.on) end = Math.max(end, s.doNotDisturb.untilAt ?? 0);
  for (const q of s.quietHours ?? []) {
    // What has begun yesterday may last until today.
    for (const ago of [1, 0]) {
      const { day, from, to } = span(q, at, ago);
      if (q.days.includes(day) && at >= from && to > end) end = to;
    }
  }
  return end;
}

/** When quiet hours begin on a day so many days before, and end. */
function span(q: QuietHours, at: Millis, ago: number): { day: number; from: Millis; to: Millis } {
  const now = new Date(at);
  const on = (days: number, minute: number) =>
    new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, 0, minute);
  const from = on(-ago, q.fromMinute);
  const next = q.toMinute <= q.fromMinute ? 1 : 0;
  return { day: from.getDay(), from: from.getTime(), to: on(next - ago, q.toMinute).getTime() };
}
