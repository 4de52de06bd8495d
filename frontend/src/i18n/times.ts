import i18next from "i18next";

// Formatters are dear to make and asked for by every row, so each is made once a language.
const made = new Map<string, Intl.DateTimeFormat>();

function format(at: number, options: Intl.DateTimeFormatOptions): string {
  const key = `${i18next.language}|${JSON.stringify(options)}`;
  let formatter = made.get(key);
  if (!formatter) {
    // English without a region means day before month and a 24-hour clock here.
    formatter = new Intl.DateTimeFormat(i18next.language === "en" ? "en-GB" : i18next.language, options);
    made.set(key, formatter);
  }
  return formatter.format(at);
}

/** "10:12" */
export function clock(at: number): string {
  return format(at, { hour: "2-digit", minute: "2-digit" });
}

/** "20 November 2026" */
export function longDay(at: number): string {
  return format(at, { dateStyle: "long" });
}

/** "Friday 20 November 2026 at 10:12:05": the exact time, shown on hover. */
export function exact(at: number): string {
  return format(at, { dateStyle: "full", timeStyle: "medium" });
}

/** For lists: the clock today, the weekday within a week, else the date. */
export function listTime(at: number, now: number): string {
  if (sameDay(at, now)) return clock(at);
  const days = daysBetween(at, now);
  if (days > 0 && days < 7) return format(at, { weekday: "short" });
  return sameYear(at, now)
    ? format(at, { day: "numeric", month: "short" })
    : format(at, { day: "numeric", month: "short", year: "numeric" });
}

/** "Friday 20 November", with the year if it is another one. */
export function day(at: number, now: number): string {
  return format(at, {
    weekday: "long",
    day: "numeric",
    month: "long",
    ...(sameYear(at, now) ? {} : { year: "numeric" }),
  });
}

/** "10:04" today, else "20 Nov, 10:04". */
export function since(at: number, now: number): string {
  return sameDay(at, now)
    ? clock(at)
    : format(at, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
}

export function sameDay(a: number, b: number): boolean {
  return new Date(a).toDateString() === new Date(b).toDateString();
}

/** Whole calendar days from a to b, by the clock on the wall. */
export function daysBetween(a: number, b: number): number {
  const midnight = (t: number) => new Date(t).setHours(0, 0, 0, 0);
  return Math.round((midnight(b) - midnight(a)) / 86_400_000);
}

function sameYear(a: number, b: number): boolean {
  return new Date(a).getFullYear() === new Date(b).getFullYear();
}
