import { expect, test } from "vitest";
import stories from "../../../backend/attention/testdata/stories.json";
import type { Attention, Reminder } from "../protocol";
import { Disturb, isOn, quietAt, type Settings } from "./disturb";

// The stories are those that hold the desktop's own rule (backend/attention/attention_test.go) to the same decisions.

interface Told {
  reminder?: Reminder;
  quietHours?: Attention["quietHours"];
  doNotDisturb?: { on: boolean; until?: string };
  organisation?: Reminder;
}

interface Step {
  at: string;
  posted?: { conversation: string; id?: string; text: string; muted?: boolean; mentioned?: boolean };
  deleted?: { conversation: string; id: string; cleared: boolean };
  look?: { viewer: number; conversation: string };
  read?: string;
  foremost?: boolean;
  settings?: Told;
  toasts?: { conversation?: string; text?: string; messages: number; conversations?: number }[];
  sound?: string;
  again?: number;
}

/** A time as people write it, by the clock of this place. */
const clock = (text: string) => new Date(text).getTime();

const settingsOf = ({ doNotDisturb: d, ...told }: Told = {}): Settings => ({
  ...told,
  ...(d ? { doNotDisturb: { on: d.on, ...(d.until ? { untilAt: clock(d.until) } : {}) } } : {}),
});

test.each(stories as { name: string; settings?: Told; steps: Step[] }[])("$name", ({ settings, steps }) => {
  const rule = new Disturb();
  rule.configure(settingsOf(settings));
  for (const step of steps) {
    const now = clock(step.at);
    if (step.posted) {
      const { conversation, id = "", text, muted = false, mentioned = false } = step.posted;
      rule.posted(now, { id, conversationId: conversation, from: "Ana Novak", text, muted, mentioned });
    }
    if (step.deleted) {
      const { conversation, id, cleared } = step.deleted;
      expect(rule.deleted(conversation, id), step.at).toBe(cleared);
    }
    if (step.look) rule.look(step.look.conversation || null);
    if (step.read) rule.read(step.read);
    if (step.foremost !== undefined) rule.setForemost(step.foremost);
    if (step.settings) rule.configure(settingsOf(step.settings));
    const toasts = (step.toasts ?? []).map(({ conversation, text, messages, conversations }) =>
      conversation
        ? { conversationId: conversation, from: "Ana Novak", text, messages, conversations: 1 }
        : { messages, conversations },
    );
    const want = { toasts, ...(step.sound ? { sound: step.sound } : {}), again: step.again ?? 0 };
    expect(rule.due(now), step.at).toEqual(want);
  }
});

test("what is read or looked at waits no more", () => {
  const rule = new Disturb();
  const m = { id: "1", from: "Ana", text: "x", muted: false, mentioned: false };
  rule.posted(0, { conversationId: "a", ...m });
  rule.posted(0, { conversationId: "b", ...m });
  rule.read("a");
  rule.look("b");
  expect(rule.waiting()).toEqual([]);
  rule.look(null);
  rule.posted(1, { conversationId: "b", ...m });
  expect(rule.waiting()).toEqual(["b"]);
});

test("without a choice nothing is quiet", () => {
  expect(quietAt({}, clock("2030-01-02T03:00:00")).quiet).toBe(false);
});

test("do-not-disturb whose time has run out is off", () => {
  expect(isOn(undefined, 5)).toBe(false);
  expect(isOn({ on: false }, 5)).toBe(false);
  expect(isOn({ on: true }, 5)).toBe(true);
  expect(isOn({ on: true, untilAt: 6 }, 5)).toBe(true);
  expect(isOn({ on: true, untilAt: 5 }, 5)).toBe(false);
});
