import { expect, test } from "vitest";
import {
  minuteOf,
  NEW_QUIET_HOURS,
  REMINDER_TIMES,
  reminderOf,
  reminderTimes,
  timeOf,
  toggleDay,
  tomorrowMorning,
  withQuiet,
  wordOf,
} from "./reminders";

test("times of day, to and fro", () => {
  for (const [minute, text] of [
    [0, "00:00"],
    [8 * 60 + 5, "08:05"],
    [1439, "23:59"],
  ] as const) {
    expect(timeOf(minute)).toBe(text);
    expect(minuteOf(text)).toBe(minute);
  }
  expect(minuteOf("")).toBeNull();
  expect(minuteOf("18:05:30")).toBe(1085);
});

test("a day comes and goes, but the last one stays", () => {
  const monday = { ...NEW_QUIET_HOURS, days: [1] };
  expect(toggleDay(monday, 0).days).toEqual([0, 1]);
  expect(toggleDay({ ...monday, days: [0, 1] }, 1).days).toEqual([0]);
  expect(toggleDay(monday, 1)).toBe(monday);
});

test("one of the quiet hours changes or goes, or one comes", () => {
  const [a, b] = [NEW_QUIET_HOURS, { ...NEW_QUIET_HOURS, days: [6] }];
  expect(withQuiet({ quietHours: [a, b] }, 0, b)).toEqual([b, b]);
  expect(withQuiet({ quietHours: [a, b] }, 0, null)).toEqual([b]);
  expect(withQuiet({}, 0, a)).toEqual([a]);
});

test("a time that another program chose is offered, too", () => {
  expect(reminderTimes(undefined)).toBe(REMINDER_TIMES);
  expect(reminderTimes({ mode: "after", afterMs: 45_000 })).toContain(45_000);
});

test("a reminder is a word, and the word the reminder", () => {
  for (const r of [{ mode: "every" }, { mode: "off" }, { mode: "after", afterMs: 90_000 }] as const) {
    expect(reminderOf(wordOf(r))).toEqual(r);
  }
  expect(wordOf(undefined)).toBe("every");
  expect(wordOf({ mode: "" })).toBe("every");
});

test("tomorrow is tomorrow at the end of a month, too", () => {
  expect(tomorrowMorning(new Date(2030, 0, 31, 23, 30).getTime())).toBe(new Date(2030, 1, 1, 8).getTime());
});
