import { expect, test, vi } from "vitest";
import { IDLE_AFTER_MS, Watchfulness } from "./watchfulness";

/** A page with a clock turned by hand, and what it told. */
function page() {
  let now = 1_000;
  const told: [boolean, number][] = [];
  const watch = new Watchfulness(
    (idle, forMs) => told.push([idle, forMs]),
    () => now,
  );
  const stop = watch.start();
  return {
    told,
    watch,
    stop,
    later: (ms: number) => {
      now += ms;
      watch.look();
    },
    key: () => window.dispatchEvent(new KeyboardEvent("keydown")),
    sight: (state: DocumentVisibilityState) => {
      vi.spyOn(document, "visibilityState", "get").mockReturnValue(state);
      document.dispatchEvent(new Event("visibilitychange"));
    },
  };
}

test("idle after a while without a key, in use with the next one, each told once", () => {
  const p = page();
  p.later(IDLE_AFTER_MS - 1);
  expect(p.told).toEqual([]);
  p.later(1);
  p.later(60_000);
  expect(p.told).toEqual([[true, IDLE_AFTER_MS]]);
  p.key();
  p.key();
  expect(p.told).toEqual([
    [true, IDLE_AFTER_MS],
    [false, 0],
  ]);
  p.stop();
});

test("out of sight is idle at once, in sight again is not", () => {
  const p = page();
  p.sight("hidden");
  p.sight("visible");
  expect(p.told).toEqual([
    [true, 0],
    [false, 0],
  ]);
  p.stop();
});

test("a new connection is told what it cannot know", () => {
  const p = page();
  p.watch.renewed();
  expect(p.told).toEqual([]);
  p.sight("hidden");
  p.later(7_000);
  p.watch.renewed();
  expect(p.told.at(-1)).toEqual([true, 7_000]);
  p.stop();
});

test("nothing is watched after the end", () => {
  const p = page();
  p.stop();
  p.sight("hidden");
  p.key();
  expect(p.told).toEqual([]);
});
