import { expect, test } from "vitest";
import story from "../../../backend/chat/testdata/equality.json";
import type { Frame, Snapshot } from "../protocol";
import { apply } from "./apply";
import { emptyWorld, type World } from "./world";

// Old snapshot + frames = new snapshot, for a story that uses every command, told to somebody of each kind. The story is what
// the hub told in build/proof/equality_test.go, which holds the hub and the replica to the same.

interface Example {
  observer: string;
  snapshot: Snapshot;
  /** After each step the fields of a new snapshot that have changed. */
  steps: { step: string; frames: Frame[]; after: Partial<Snapshot> }[];
}

const NOW = 1_800_000_000_000;
const examples = story as unknown as Example[];

/** What a page shows that was just told the snapshot. */
const fresh = (snapshot: Snapshot): World =>
  apply(emptyWorld, { reset: { reason: "first", cursor: "", snapshot } }, NOW);

/** The world without what no snapshot has: its place in the log, who types, one's requests, and who is named as offline. */
const comparable = (w: World) => ({
  ...w,
  cursor: "",
  typing: {},
  requests: {},
  presence: Object.fromEntries(Object.entries(w.presence).filter(([, p]) => p.availability !== "offline")),
});

test.each(examples)("what $observer is told is what a new page shows", ({ snapshot, steps }) => {
  expect(steps.length).toBeGreaterThan(10);
  let world = fresh(snapshot);
  let expected = snapshot;
  for (const { step, frames, after } of steps) {
    for (const frame of frames) world = apply(world, frame, NOW);
    expected = { ...expected, ...after };
    expect(comparable(world), step).toEqual(comparable(fresh(expected)));
  }
});
