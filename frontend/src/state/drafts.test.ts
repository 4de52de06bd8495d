import { beforeEach, expect, test } from "vitest";
import type { Draft, DraftSetArgs } from "../protocol";
import { Drafts } from "./drafts";

let kept: DraftSetArgs[];
let timers: { run: () => void; live: boolean }[];
let shown: Readonly<Record<string, Draft>>;
let online: boolean;
let drafts: Drafts;

beforeEach(() => {
  kept = [];
  timers = [];
  online = true;
  drafts = new Drafts({
    set: async (args) => {
      if (!online) throw new Error("offline");
      kept.push(args);
    },
    now: () => 1,
    setTimer: (run) => {
      const timer = { run, live: true };
      timers.push(timer);
      return () => {
        timer.live = false;
      };
    },
    onChange: (d) => {
      shown = d;
    },
  });
});

const quiet = async () => {
  for (const timer of timers.filter((t) => t.live)) {
    timer.live = false;
    timer.run();
  }
  await new Promise((resolve) => setTimeout(resolve));
};

test("shows at once and is kept elsewhere after a moment of quiet, once for all the keys", async () => {
  drafts.set("c", { text: "h" });
  drafts.set("c", { text: "hi" });
  expect(shown.c?.text).toBe("hi");
  await quiet();
  expect(kept.map((k) => k.text)).toEqual(["hi"]);
  expect(shown).toEqual({});
});

test("outlives a lost connection", async () => {
  online = false;
  drafts.set("c", { text: "hi" });
  await quiet();
  expect(shown.c?.text).toBe("hi");
  online = true;
  await drafts.flushAll();
  expect(kept.map((k) => k.text)).toEqual(["hi"]);
  expect(shown).toEqual({});
});

test("what was sent before it was kept needs no taking back", async () => {
  drafts.set("c", { text: "hi" });
  drafts.drop("c", false);
  await quiet();
  expect(kept).toEqual([]);
  expect(shown).toEqual({});
});

test("what was kept is taken back when it was sent, also while it is being kept", async () => {
  drafts.drop("c", true);
  await quiet();
  expect(kept).toMatchObject([{ conversationId: "c", text: "" }]);
  drafts.set("d", { text: "hi" });
  void drafts.flushAll();
  drafts.drop("d", false);
  await quiet();
  expect(kept.slice(1).map((k) => k.text)).toEqual(["hi", ""]);
});
