import { expect, test } from "vitest";
import type { ConversationID, Failure, FileID } from "../protocol";
import { MAX_FILE_BYTES } from "../protocol";
import { Files, failureIn, failureOf, type SendingTold, type Transfer } from "./files";

const TALK = "d.a.b" as ConversationID;
const OTHER = "d.a.c" as ConversationID;

/** One sending as the peer has it. */
interface Line {
  id: FileID;
  told: SendingTold;
  started: boolean;
  stopped: null | "kept" | "given up";
}

/** Files with a peer, a clock and timers that the test turns. */
function desk() {
  const lines: Line[] = [];
  const alive: FileID[] = [];
  let timers: { at: number; run: () => void }[] = [];
  let now = 1_000;
  let next = 0;
  let list: readonly Transfer[] = [];
  let arrivals = 0;
  const files = new Files({
    send: (_file, id, _conversationId, told) => {
      const line: Line = { id, told, started: false, stopped: null };
      lines.push(line);
      return {
        start: () => {
          line.started = true;
        },
        stop: (giveUp) => {
          line.stopped = giveUp ? "given up" : "kept";
        },
      };
    },
    keepAlive: (id) => alive.push(id),
    newId: () => `file${++next}` as FileID,
    now: () => now,
    setTimer: (run, ms) => {
      const timer = { at: now + ms, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((t) => t !== timer);
      };
    },
    onChange: (transfers) => {
      list = transfers;
    },
    onArrived: () => {
      arrivals++;
    },
  });
  return {
    files,
    lines,
    alive,
    list: () => list,
    arrivals: () => arrivals,
    states: () => list.map((t) => t.state),
    line: (id: string) => lines.findLast((l) => l.id === id) as Line,
    turn(ms: number) {
      now += ms;
      for (const timer of timers.filter((t) => t.at <= now)) {
        timers = timers.filter((t) => t !== timer);
        timer.run();
      }
    },
  };
}

/** A file of which only what is looked at is there. */
const file = (name: string, size = 1_000, type = ""): File => ({ name, size, type }) as File;
const several = (count: number) => Array.from({ length: count }, (_, i) => file(`${i}.txt`));

test("three are on their way at once, and the next begins when one has arrived", () => {
  const d = desk();
  d.files.add(TALK, several(5));
  expect(d.states()).toEqual(["sending", "sending", "sending", "waiting", "waiting"]);
  d.line("file2").told.done();
  expect(d.states()).toEqual(["sending", "arrived", "sending", "sending", "waiting"]);
  expect(d.arrivals()).toBe(1);
  expect(d.files.arrived(["file2" as FileID])).toBe(true);
  expect(d.files.arrived(["file1" as FileID, "file2" as FileID])).toBe(false);
});

test("what a message has no room for is left out, each conversation for itself", () => {
  const d = desk();
  expect(d.files.add(TALK, several(8))).toBe(0);
  expect(d.files.add(TALK, several(5))).toBe(3);
  expect(d.files.of(TALK)).toHaveLength(10);
  expect(d.files.add(OTHER, several(11))).toBe(1);
});

test("one that is too large is refused before a byte of it is sent, and stays behind when the message goes", () => {
  const d = desk();
  d.files.add(TALK, [file("exactly.bin", MAX_FILE_BYTES), file("more.bin", MAX_FILE_BYTES + 1)]);
  expect(d.states()).toEqual(["sending", "refused"]);
  expect(d.lines).toHaveLength(1);
  expect(d.files.name(TALK).map((f) => f.name)).toEqual(["exactly.bin"]);
  expect(d.files.of(TALK).map((f) => f.name)).toEqual(["more.bin"]);
});

test("a lost connection is tried again by itself, later each time, and says why if the peer did", () => {
  const d = desk();
  d.files.add(TALK, [file("a.txt")]);
  const full: Failure = { code: "busy", text: "The disk is full." };
  d.line("file1").told.failed(null, full);
  expect(d.list()[0]).toMatchObject({ state: "waiting", error: full });
  d.turn(999);
  expect(d.lines).toHaveLength(1);
  d.turn(1);
  expect(d.lines).toHaveLength(2);
  expect(d.list()[0]?.error).toBeUndefined();
  d.line("file1").told.failed(null);
  d.turn(1_999);
  expect(d.lines).toHaveLength(2);
  d.turn(1);
  expect(d.lines).toHaveLength(3);
});

test("a connection that is back has all of them tried at once", () => {
  const d = desk();
  d.files.add(TALK, [file("a.txt")]);
  d.line("file1").told.failed(null);
  d.files.renewed();
  expect(d.lines).toHaveLength(2);
  d.turn(60_000);
  expect(d.lines).toHaveLength(2);
});

test("an earlier try that speaks late is not heard", () => {
  const d = desk();
  d.files.add(TALK, [file("a.txt")]);
  const early = d.line("file1");
  early.told.failed(null);
  d.files.renewed();
  early.told.done();
  early.told.progress(500);
  early.told.failed({ code: "denied", text: "no" });
  expect(d.list()[0]).toMatchObject({ state: "sending", sent: 0 });
});

test("a refusal is final, with its reason, and its message learns of it", () => {
  const d = desk();
  d.files.add(TALK, [file("a.txt")]);
  const why: Failure = { code: "denied", text: "You may not write there." };
  d.line("file1").told.failed(why);
  expect(d.states()).toEqual(["refused"]);
  expect(d.files.refusal(["file1" as FileID])).toEqual(why);
  expect(d.arrivals()).toBe(1);
  d.turn(60_000);
  expect(d.lines).toHaveLength(1);
});

test("pausing keeps what has arrived and gives the place to another; a named one goes on by itself", () => {
  const d = desk();
  d.files.add(TALK, several(4));
  d.files.pause("file1" as FileID);
  expect(d.line("file1").stopped).toBe("kept");
  expect(d.states()).toEqual(["paused", "sending", "sending", "sending"]);
  d.files.resume("file1" as FileID);
  expect(d.states()[0]).toBe("waiting");
  d.files.pause("file1" as FileID);
  d.files.name(TALK);
  expect(d.states()[0]).toBe("waiting");
  d.line("file2").told.done();
  expect(d.states()[0]).toBe("sending");
});

test("taking one away has the peer forget it, and makes room", () => {
  const d = desk();
  d.files.add(TALK, several(10));
  d.files.cancel("file1" as FileID);
  expect(d.line("file1").stopped).toBe("given up");
  expect(d.files.of(TALK)).toHaveLength(9);
  expect(d.states().slice(0, 3)).toEqual(["sending", "sending", "sending"]);
  expect(d.files.add(TALK, several(1))).toBe(0);
});

test("speed is that of the last moments", () => {
  const d = desk();
  d.files.add(TALK, [file("film.mp4", 10_000_000)]);
  const { told } = d.line("file1");
  told.progress(0);
  d.turn(1_000);
  told.progress(500_000);
  expect(d.list()[0]?.speed).toBe(500_000);
  d.turn(10_000);
  told.progress(600_000);
  d.turn(1_000);
  told.progress(700_000);
  expect(d.list()[0]?.speed).toBe(100_000);
});

test("what lies in a composer is kept alive at the peer; what is on its way needs it not", () => {
  const d = desk();
  d.files.add(TALK, several(3));
  d.line("file1").told.done();
  d.files.pause("file2" as FileID);
  d.turn(15 * 60_000);
  expect(d.alive).toEqual(["file1", "file2"]);
  d.turn(15 * 60_000);
  expect(d.alive).toHaveLength(4);
  d.files.clear();
  d.turn(60 * 60_000);
  expect(d.alive).toHaveLength(4);
});

test("a refused message gives its files back to the composer, also those this page never had", () => {
  const d = desk();
  d.files.add(TALK, [file("a.txt")]);
  const [named] = d.files.name(TALK);
  d.line("file1").told.done();
  expect(d.files.of(TALK)).toEqual([]);
  const foreign = { id: "elsewhere" as FileID, name: "b.txt", size: 5, sent: 0 };
  d.files.takeBack(TALK, [named as never, foreign]);
  expect(d.files.of(TALK).map((t) => [t.name, t.state])).toEqual([
    ["a.txt", "arrived"],
    ["b.txt", "arrived"],
  ]);
});

test("closing the page loses bytes unless all have arrived in a message", () => {
  const d = desk();
  expect(d.files.unfinished()).toBe(false);
  d.files.add(TALK, [file("a.txt")]);
  expect(d.files.unfinished()).toBe(true);
  d.line("file1").told.done();
  expect(d.files.unfinished()).toBe(true);
  d.files.name(TALK);
  expect(d.files.unfinished()).toBe(false);
});

test("which answers of a peer are final", () => {
  const answer = (status: number, body = "") => ({
    originalResponse: { getStatus: () => status, getBody: () => body },
  });
  const denied = { code: "denied", text: "You may not." };
  expect(failureOf(answer(403, JSON.stringify({ error: denied })))).toEqual(denied);
  expect(failureOf(answer(400, "<html>"))).toMatchObject({ code: "invalid" });
  for (const status of [401, 423, 429, 500, 503, 507]) expect(failureOf(answer(status))).toBeNull();
  expect(failureOf({ originalResponse: null })).toBeNull();
  expect(failureOf(new Error("network"))).toBeNull();
  expect(failureIn(answer(503, JSON.stringify({ error: denied })))).toEqual(denied);
  expect(failureIn(answer(503, "busy"))).toBeUndefined();
  expect(failureIn(new Error("network"))).toBeUndefined();
});
