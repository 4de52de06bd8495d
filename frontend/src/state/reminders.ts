import type { Attention, QuietHours, Reminder } from "../protocol";

/** The times after a first message that are offered, in ms. */
export const REMINDER_TIMES = [30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000];

/** The most quiet hours somebody has (chat.MaxQuietHours). */
export const MAX_QUIET_HOURS = 20;

/** The days in the order in which a week is shown: Monday first; 0 is Sunday. */
export const WEEK = [1, 2, 3, 4, 5, 6, 0];

/** What new quiet hours begin as: the evenings and nights of working days. */
export const NEW_QUIET_HOURS: QuietHours = { days: [1, 2, 3, 4, 5], fromMinute: 18 * 60, toMinute: 8 * 60 };

/** The times that are offered, with one that was chosen by another program among them. */
export function reminderTimes(chosen: Reminder | undefined): number[] {
  const { afterMs = 0 } = chosen ?? {};
  return afterMs > 0 && !REMINDER_TIMES.includes(afterMs)
    ? [...REMINDER_TIMES, afterMs].sort((a, b) => a - b)
    : REMINDER_TIMES;
}

/** A reminder as one word, by which two are compared. */
export function wordOf(r: Reminder | undefined): string {
  return r?.mode === "after" ? `after ${r.afterMs}` : r?.mode || "every";
}

/** The reminder of such a word. */
export function reminderOf(word: string): Reminder {
  const [mode, ms] = word.split(" ");
  return mode === "after" ? { mode, afterMs: Number(ms) } : { mode: mode === "off" ? "off" : "every" };
}

/** "18:05" of minutes after midnight, as a field for times wants it. */
export function timeOf(minute: number): string {
  const two = (n: number) => String(n).padStart(2, "0");
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}

/** Minutes after midnight of "18:05"; null while no time is typed. */
export function minuteOf(time: string): number | null {
  const [, hours, minutes] = /^(\d\d):(\d\d)/.exec(time) ?? [];
  return hours === undefined || minutes === undefined ? null : Number(hours) * 60 + Number(minutes);
}

/** Quiet hours with one of them changed, or taken away. */
export function withQuiet(a: Attention, at: number, next: QuietHours | null): QuietHours[] {
  const list = [...(a.quietHours ?? [])];
  list.splice(at, 1, ...(next ? [next] : []));
  return list;
}

/** Quiet hours that also begin on a day, or no longer; the last day stays. */
export function toggleDay(q: QuietHours, day: number): QuietHours {
  const without = q.days.filter((d) => d !== day);
  const days = without.length < q.days.length ? without : [...q.days, day].sort((a, b) => a - b);
  return days.length === 0 ? q : { ...q, days };
}

/** The next morning at eight, by this computer's clock. */
export function tomorrowMorning(now: number): number {
  const d = new Date(now);
  return new Date(d.getFullYear(), d.getMonth(), d.getDate() + 1, 8).getTime();
}
